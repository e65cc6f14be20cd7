# What sinter needs to link programs on machines without a compiler, all in
# lib/sinter: the runtime as one object, start files, and stubs of the C
# library.
set(SINTER_PARTS ${PROJECT_BINARY_DIR}/lib/sinter)
file(MAKE_DIRECTORY ${SINTER_PARTS})

# Where the C++ compiler finds a file of its own or of the C library.
function(sinter_compiler_file name out)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name}
    OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT IS_ABSOLUTE ${path})
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} has no ${name}")
  endif()
  set(${out} ${path} PARENT_SCOPE)
endfunction()

set(parts)

foreach(name Scrt1.o crti.o crtbeginS.o crtendS.o crtn.o)
  sinter_compiler_file(${name} path)
  configure_file(${path} ${SINTER_PARTS}/${name} COPYONLY)
endforeach()

# The loader has what thread-local variables of shared libraries need.
foreach(name libc.so.6 libm.so.6 ld-linux-x86-64.so.2)
  sinter_compiler_file(${name} path)
  set(stub ${PROJECT_BINARY_DIR}/stubs/${name})
  add_custom_command(OUTPUT ${SINTER_PARTS}/${name}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/stubs
    COMMAND sh ${PROJECT_SOURCE_DIR}/cmake/write-stub.sh ${path} ${stub}.s
            ${stub}.map
    COMMAND ${CMAKE_C_COMPILER} -shared -nostdlib -x assembler ${stub}.s
            -Wl,--version-script=${stub}.map -Wl,-soname,${name}
            -Wl,--build-id=none -Wl,-z,noseparate-code -s
            -o ${SINTER_PARTS}/${name}
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/write-stub.sh ${path}
    COMMENT "Stub of ${name}" VERBATIM)
  list(APPEND parts ${SINTER_PARTS}/${name})
endforeach()

# One object with the runtime and the members of the C++ library that it uses.
set(libraries SinterRuntime SinterText SinterFormats)
if(TARGET SinterChat)
  list(APPEND libraries SinterChat)
endif()
set(archives)
foreach(library ${libraries})
  list(APPEND archives $<TARGET_FILE:${library}>)
endforeach()
foreach(name libstdc++.a libgcc.a libgcc_eh.a libc_nonshared.a)
  sinter_compiler_file(${name} path)
  list(APPEND archives ${path})
endforeach()
add_custom_command(OUTPUT ${SINTER_PARTS}/runtime.o
  # Generated code for CPUs without F16C calls the compiler's library.
  COMMAND ${CMAKE_LINKER} -r --strip-debug -o ${SINTER_PARTS}/runtime.o
          -u __extendhfsf2 -u __truncsfhf2
          $<TARGET_OBJECTS:SinterMain> $<TARGET_OBJECTS:SinterLibrary>
          --start-group ${archives} --end-group
  DEPENDS SinterMain $<TARGET_OBJECTS:SinterMain> SinterLibrary
          $<TARGET_OBJECTS:SinterLibrary> ${libraries}
  COMMAND_EXPAND_LISTS COMMENT "The runtime as one object" VERBATIM)
list(APPEND parts ${SINTER_PARTS}/runtime.o)
add_custom_command(OUTPUT ${SINTER_PARTS}/guard.o
  COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_OBJECTS:SinterGuard>
          ${SINTER_PARTS}/guard.o
  DEPENDS SinterGuard $<TARGET_OBJECTS:SinterGuard> VERBATIM)
list(APPEND parts ${SINTER_PARTS}/guard.o)

# What shared libraries show.
configure_file(${PROJECT_SOURCE_DIR}/runtime/library/library.map
  ${SINTER_PARTS}/library.map COPYONLY)

add_custom_target(SinterProgramParts ALL DEPENDS ${parts})
install(DIRECTORY ${SINTER_PARTS} DESTINATION lib)
