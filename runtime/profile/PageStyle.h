//===- PageStyle.h - How pages of reports look ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROFILE_PAGESTYLE_H
#define SINTER_RUNTIME_PROFILE_PAGESTYLE_H

namespace sinter {

inline constexpr const char *kPageStyle = R"(
:root { color-scheme: light dark; --back: #fff; --card: #f5f6f8; --text: #1d2127; --soft: #5c6570;
  --line: #e3e6ea; --roof: #4a525c; --p0: #1f6fb4; --p1: #c2560a; --p2: #2c8a3d; --p3: #8b44ac; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171b; --card: #1e2227; --text: #e6e9ec; --soft: #9aa4ae;
    --line: #2f353c; --roof: #aab3bc; --p0: #62adf0; --p1: #f0954a; --p2: #63c477; --p3: #c58be3; } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 24px 16px; max-width: 1072px; background: var(--back); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; -webkit-text-size-adjust: 100% }
h1 { font-size: 1.6em; margin: 0 0 .5em; overflow-wrap: anywhere }
h2 { font-size: 1.15em; margin: 2em 0 .3em }
p { margin: .3em 0; color: var(--soft) }
.machine, .facts { display: grid; gap: 8px; margin: 0 }
.machine { grid-template-columns: repeat(auto-fit, minmax(100px, 1fr)) }
.machine div { background: var(--card); border-radius: 8px; padding: 8px 12px; color: var(--soft); font-size: .85em }
.machine b { display: block; color: var(--text); font-size: 1.35em; font-weight: 600 }
.facts { grid-template-columns: max-content 1fr; gap: 4px 20px; margin-top: 16px }
.facts dt { color: var(--soft) } .facts dt.of { padding-left: 1em }
.facts dd { margin: 0; overflow-wrap: anywhere }
.p0 { --c: var(--p0) } .p1 { --c: var(--p1) } .p2 { --c: var(--p2) } .p3 { --c: var(--p3) }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 50%; background: var(--c); margin-right: .4em }
.key { display: inline-block; width: 1.1em; height: .7em; margin: 0 .3em 0 .8em; background: var(--c); border-radius: 2px }
.key:first-child { margin-left: 0 } .key.wait { opacity: .4 } .key.least { width: 2px; background: var(--text) }
.bars { list-style: none; margin: .6em 0; padding: 0 }
.bars li { display: grid; grid-template-columns: minmax(9em, 18em) 1fr 8.5em; align-items: center; gap: 0 12px; padding: 2px 0 }
.bars .name { overflow-wrap: anywhere } .bars .time { text-align: right; color: var(--soft); white-space: nowrap }
.bars .time b { color: var(--text); font-weight: 600 }
.bar { position: relative; display: flex; height: 16px; background: var(--card); border-radius: 3px }
.bar i { background: var(--c); border-radius: 3px 0 0 3px } .bar i.wait { opacity: .4; border-radius: 0 }
.bar u { position: absolute; top: -2px; bottom: -2px; width: 2px; margin-left: -1px; background: var(--text) }
svg { display: block; width: 100%; height: auto; margin: .5em 0 } svg.narrow { display: none }
svg text { font-family: ui-monospace, monospace; fill: var(--soft) }
svg circle { fill: var(--c); fill-opacity: .45; stroke: var(--c) }
svg .grid { stroke: var(--line) } svg .lead { stroke: var(--soft); stroke-width: .7 }
svg .roof { fill: none; stroke: var(--roof); stroke-width: 1.5 }
svg .label { fill: var(--c, var(--text)); paint-order: stroke; stroke: var(--back); stroke-width: 3px }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-size: .88em; white-space: nowrap }
td, th { padding: 3px 6px; text-align: right; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums }
th { color: var(--soft); font-weight: 500 }
td:first-child, th:first-child { text-align: left; padding-left: 0; position: sticky; left: 0; background: var(--back) }
@media (max-width: 640px) {
  svg.wide { display: none } svg.narrow { display: block }
  .facts { grid-template-columns: 1fr; gap: 0 } .facts dd { margin-bottom: 8px }
  .bars li { grid-template-columns: 1fr auto; padding: 5px 0 } .bar { grid-row: 2; grid-column: 1 / 3 }
  td:first-child, th:first-child { max-width: 40vw; overflow: hidden; text-overflow: ellipsis } }
)";

} // namespace sinter

#endif // SINTER_RUNTIME_PROFILE_PAGESTYLE_H
