# What reads files of strangers, the compiler and programs alike, is built so
# that a fault is harder to use: canaries on the stack, checked calls of the C
# library, addresses that change, tables that are read-only once loaded.
# test/tools/hardened.test reads the results.
option(SINTER_HARDEN "Stack protector, fortified calls, PIE, RELRO" ON)

if(SINTER_HARDEN)
  add_compile_options(-fstack-protector-strong
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
endif()
