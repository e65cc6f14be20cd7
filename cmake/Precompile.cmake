# Precompiles MLIR's headers for the compiler's own libraries.

option(SINTER_PRECOMPILE "Precompile MLIR's headers" ON)

# Lets the libraries of a folder and of those below it use the headers that
# the library named by owner precompiled.
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
