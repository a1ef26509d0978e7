# Builds every target of the tree with the sanitizers named in WEIR_SANITIZE: mixing instrumented
# and plain code of our own hides errors. The first error ends the program, so that a test fails.
if(WEIR_SANITIZE)
  # Without vptr: it needs type information that not every library exports.
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()
