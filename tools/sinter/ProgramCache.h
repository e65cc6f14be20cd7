//===- ProgramCache.h - Programs compiled before ----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Programs that `run`, `bench` and `verify` need are kept in
// $XDG_CACHE_HOME/sinter (or ~/.cache/sinter), under a key made of everything
// they depend on: the model's files, specs, options, CPU features, compiler.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_PROGRAMCACHE_H
#define SINTER_TOOLS_SINTER_PROGRAMCACHE_H

#include "tools/sinter/Driver.h"

namespace sinter {

/// Path of the program for the model that the invocation names, compiled now
/// unless it is in the cache.
llvm::Expected<std::string> cachedProgram(const Invocation &invocation);

/// The folder of the cache; made if it is not there.
llvm::Expected<std::string> cacheFolder();

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_PROGRAMCACHE_H
