# What projects share that build parts of Sinter with sanitizers (fuzz/,
# sanitize/): everything of them, libraries included, and by Clang.
include(${CMAKE_CURRENT_LIST_DIR}/Common.cmake)
set(SINTER_TOP ${CMAKE_CURRENT_LIST_DIR}/..)
include_directories(${SINTER_TOP})

# Lines alone are known of the code: they are what reports show. What nobody
# links is not built.
macro(sinter_sanitize sanitizers)
  set(flags -fno-omit-frame-pointer -fsanitize=${sanitizers}
    -fno-sanitize-recover=all)
  add_compile_options(-gline-tables-only -O1 -Wall -Wextra
    -Wno-unused-parameter -Wno-deprecated-declarations ${flags} ${ARGN})
  add_link_options(${flags})
  include(${SINTER_TOP}/cmake/Precompile.cmake)
  add_subdirectory(${SINTER_TOP}/formats formats EXCLUDE_FROM_ALL)
  add_subdirectory(${SINTER_TOP}/runtime runtime EXCLUDE_FROM_ALL)
  target_precompile_headers(SinterFormats PRIVATE ${SINTER_TOP}/cmake/PlainHeaders.h)
endmacro()
