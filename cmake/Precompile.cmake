# Precompiles the headers that most files of a library read: MLIR's for the
# compiler, the C++ library's and JSON's for what has no LLVM.

option(SINTER_PRECOMPILE "Precompile headers that many files read" ON)

if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # What ccache keeps must not depend on when a header was compiled.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

# Lets the libraries of a folder and of those below it use the
# headers that the library named by owner precompiled.
function(sinter_precompile_folder folder owner)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL STATIC_LIBRARY AND NOT target STREQUAL owner)
      target_precompile_headers(${target} REUSE_FROM ${owner})
    endif()
  endforeach()
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(inner ${folders})
    sinter_precompile_folder(${inner} ${owner})
  endforeach()
endfunction()
