# Passes: one folder each, with Name.td, Name.h, Name.cpp and what else is named.
# sinter_pass(library Name sources...) generates the declarations and adds the
# sources to the library, in whose folder the pass's folder lies.
function(sinter_pass library name)
  set(LLVM_TARGET_DEFINITIONS ${name}/${name}.td)
  mlir_tablegen(${name}/${name}.h.inc -gen-pass-decls -name=${name})
  mlir_tablegen(${name}/${name}.md -gen-pass-doc)
  add_public_tablegen_target(Sinter${name}Gen)
  add_dependencies(${library} Sinter${name}Gen)
  foreach(source ${name}.cpp ${ARGN})
    target_sources(${library} PRIVATE ${name}/${source})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY SINTER_PASS_DOCS ${CMAKE_CURRENT_BINARY_DIR}/${name}/${name}.md)
  set_property(GLOBAL APPEND PROPERTY SINTER_PASS_TARGETS Sinter${name}Gen)
endfunction()

# docs/passes.md is generated and committed; a test compares them. To be called
# after the last pass.
function(sinter_pass_docs)
  get_property(docs GLOBAL PROPERTY SINTER_PASS_DOCS)
  get_property(targets GLOBAL PROPERTY SINTER_PASS_TARGETS)
  add_custom_target(sinter-pass-docs
    COMMAND cat ${docs} > ${CMAKE_SOURCE_DIR}/docs/passes.md
    DEPENDS ${targets} VERBATIM)
  add_dependencies(sinter-docs sinter-pass-docs)
endfunction()
