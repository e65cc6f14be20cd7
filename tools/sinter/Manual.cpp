//===- Manual.cpp - What the option table says, in other forms ------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Manual.h"

#include "llvm/ADT/StringExtras.h"

namespace sinter {

using llvm::StringRef;

namespace {

/// An option in all its spellings.
struct Documented {
  std::vector<std::string> names; ///< "--prompt", "-p"
  std::string value;              ///< "N"; empty for switches
  std::string help;
  std::vector<std::string> choices; ///< values to offer; empty: any

  bool isFile() const { return value == "FILE" || value == "PATH"; }
};

} // namespace

/// Options of a command, by the order of Options.td.
static std::vector<Documented> optionsOf(const Command &command) {
  const llvm::opt::OptTable &table = optionTable();
  std::vector<Documented> documented;
  std::vector<unsigned> ids;
  for (unsigned id = 1; id <= table.getNumOptions(); ++id) {
    llvm::opt::Option option = table.getOption(id);
    const char *help = table.getOptionHelpText(id);
    if (!help || !option.hasVisibilityFlag(command.visibility))
      continue;
    Documented &added = documented.emplace_back();
    ids.push_back(id);
    added.names.push_back(option.getPrefixedName().str());
    if (const char *value = table.getOptionMetaVar(id))
      added.value = value;
    added.help = help;
    added.choices = table.suggestValueCompletions(added.names[0], "");
    llvm::erase(added.choices, "");
  }
  // Short names are aliases; those that only end in '=' are not shown.
  for (unsigned id = 1; id <= table.getNumOptions(); ++id) {
    llvm::opt::Option option = table.getOption(id);
    llvm::opt::Option alias = option.getAlias();
    StringRef name = option.getPrefixedName();
    if (!alias.isValid() || name.ends_with("=") ||
        !option.hasVisibilityFlag(command.visibility))
      continue;
    auto found = llvm::find(ids, alias.getID());
    if (found != ids.end())
      documented[size_t(found - ids.begin())].names.push_back(name.str());
  }
  return documented;
}

//===----------------------------------------------------------------------===//
// Manual
//===----------------------------------------------------------------------===//

/// Text as man(7) wants it: hyphens that can be copied, nothing that looks like
/// a request.
static std::string roff(StringRef text) {
  std::string escaped;
  for (char c : text) {
    if (c == '-')
      escaped += "\\-";
    else if (c == '\\')
      escaped += "\\e";
    else if (c == '\'')
      escaped += "\\(aq";
    else if (c == '.' && escaped.empty())
      escaped += "\\&.";
    else
      escaped += c;
  }
  return escaped;
}

void printManual(llvm::ArrayRef<Command> commands, llvm::raw_ostream &out) {
  out << ".TH SINTER 1 \"\" \"Sinter " SINTER_VERSION "\" \"User Commands\"\n"
      << ".SH NAME\nsinter \\- compile transformer models to native programs\n"
      << ".SH SYNOPSIS\n";
  for (const Command &command : commands)
    out << ".B " << roff(command.usage) << "\n.br\n";
  out << ".B sinter \\-\\-version\n.br\n.B sinter \\-\\-completion "
         "bash|zsh|fish\n.br\n.B sinter \\-\\-manual\n"
      << ".SH DESCRIPTION\nSinter compiles a model, a Hugging Face folder or a "
         "GGUF file, to one program that needs nothing but the C library. The "
         "program has options of its own: see its\n.BR \\-\\-help .\n"
      << ".SH COMMANDS\n";
  for (const Command &command : commands) {
    out << ".SS " << roff(command.usage) << "\n";
    std::string help = roff(command.help);
    help[0] = llvm::toUpper(help[0]);
    out << help << ".\n";
    for (const Documented &option : optionsOf(command)) {
      out << ".TP\n";
      for (const std::string &name : option.names)
        out << (&name == &option.names[0] ? "" : ", ") << "\\fB" << roff(name)
            << "\\fR";
      if (!option.value.empty())
        out << " \\fI" << roff(option.value) << "\\fR";
      out << "\n" << roff(option.help) << ".\n";
    }
  }
  out << ".SH \"EXIT STATUS\"\n0 success, 1 failure, 2 wrong usage, 3 this "
         "machine cannot run the program.\n"
      << ".SH ENVIRONMENT\n.TP\n.B SINTER_MODELS\nFolders, separated by "
         "colons, in which specs are looked for first.\n"
      << ".TP\n.B XDG_CACHE_HOME\nWhere compiled programs are kept, in the "
         "folder sinter (default: ~/.cache).\n";
}

//===----------------------------------------------------------------------===//
// Completion
//===----------------------------------------------------------------------===//

static std::string namesOf(llvm::ArrayRef<Command> commands) {
  std::string names;
  for (const Command &command : commands)
    names += (names.empty() ? "" : " ") + std::string(command.name);
  return names;
}

static void completeBash(llvm::ArrayRef<Command> commands,
                         llvm::raw_ostream &out) {
  out << "# Completion of sinter for bash; made by sinter --completion bash.\n"
         "_sinter() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} "
         "before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local words=\n"
         "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \""
      << namesOf(commands)
      << " --help --version --completion --manual\" -- \"$word\"))\n"
         "    return\n  fi\n"
         "  # --option=value comes as three words.\n"
         "  if [ \"$word\" = = ]; then\n    word=\n"
         "  elif [ \"$before\" = = ]; then\n"
         "    before=${COMP_WORDS[COMP_CWORD-2]}\n  fi\n"
         "  case ${COMP_WORDS[1]}:$before in\n";
  for (const Command &command : commands)
    for (const Documented &option : optionsOf(command))
      if (!option.choices.empty())
        out << "  " << command.name << ":" << option.names[0] << ") words=\""
            << llvm::join(option.choices, " ") << "\" ;;\n";
  out << "  esac\n"
         "  if [ -z \"$words\" ] && [ \"${word#-}\" != \"$word\" ]; then\n"
         "    case ${COMP_WORDS[1]} in\n";
  for (const Command &command : commands) {
    out << "    " << command.name << ") words=\"";
    for (const Documented &option : optionsOf(command))
      out << llvm::join(option.names, " ") << " ";
    out << "\" ;;\n";
  }
  out << "    esac\n  fi\n"
         "  if [ -n \"$words\" ]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n}\n"
         "complete -o filenames -F _sinter sinter\n";
}

/// Text within single quotes; `also` characters get a backslash.
static std::string quoted(StringRef text, StringRef also) {
  std::string result;
  for (char c : text) {
    if (c == '\'')
      result += "'\\''";
    else if (also.contains(c))
      result += std::string("\\") + c;
    else
      result += c;
  }
  return result;
}

static void completeZsh(llvm::ArrayRef<Command> commands,
                        llvm::raw_ostream &out) {
  out << "#compdef sinter\n# Completion of sinter for zsh; made by sinter "
         "--completion zsh.\n_sinter() {\n  local -a commands\n  commands=(\n";
  for (const Command &command : commands)
    out << "    '" << command.name << ":" << quoted(command.help, ":") << "'\n";
  out << "  )\n  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n    return\n  fi\n"
         "  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n";
  for (const Command &command : commands) {
    out << "  " << command.name << ")\n    _arguments";
    for (const Documented &option : optionsOf(command))
      for (const std::string &name : option.names) {
        out << " \\\n      '" << name
            << (option.value.empty()                ? ""
                : StringRef(name).starts_with("--") ? "="
                                                    : "+")
            << "[" << quoted(option.help, "[]:") << "]";
        if (!option.choices.empty())
          out << ":" << option.value << ":(" << llvm::join(option.choices, " ")
              << ")";
        else if (!option.value.empty())
          out << ":" << option.value << ":"
              << (option.isFile() ? "_files" : " ");
        out << "'";
      }
    out << " \\\n      '*:file:_files'\n    ;;\n";
  }
  out << "  esac\n}\n_sinter \"$@\"\n";
}

static void completeFish(llvm::ArrayRef<Command> commands,
                         llvm::raw_ostream &out) {
  out << "# Completion of sinter for fish; made by sinter --completion fish.\n";
  for (const Command &command : commands)
    out << "complete -c sinter -n __fish_use_subcommand -f -a " << command.name
        << " -d '" << quoted(command.help, "\\") << "'\n";
  for (const Command &command : commands)
    for (const Documented &option : optionsOf(command)) {
      out << "complete -c sinter -n '__fish_seen_subcommand_from "
          << command.name << "'";
      for (StringRef name : option.names)
        if (name.consume_front("--"))
          out << " -l " << name;
        else
          out << " -s " << name.drop_front();
      if (!option.choices.empty())
        out << " -x -a '" << llvm::join(option.choices, " ") << "'";
      else if (!option.value.empty())
        out << (option.isFile() ? " -r" : " -x");
      out << " -d '" << quoted(option.help, "\\") << "'\n";
    }
}

bool printCompletion(llvm::ArrayRef<Command> commands, StringRef shell,
                     llvm::raw_ostream &out) {
  if (shell == "bash")
    completeBash(commands, out);
  else if (shell == "zsh")
    completeZsh(commands, out);
  else if (shell == "fish")
    completeFish(commands, out);
  else
    return false;
  return true;
}

} // namespace sinter
