// WEIR_ADDRESS_SANITIZER is defined in a build with AddressSanitizer: GCC has a macro for it, Clang
// a feature to ask for.
#pragma once

#ifdef __SANITIZE_ADDRESS__
#define WEIR_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR_ADDRESS_SANITIZER
#endif
#endif
