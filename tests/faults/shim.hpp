// What the parts of the shim share.
#pragma once

#include <dlfcn.h>

#include <string_view>

#include "faults/classes.hpp"

namespace chimplift::faults {

/// Counts a call; true where it is to fail. `about`: what is written down of it then.
bool strikes(Class call, std::string_view about);

/// The function that the shim stands before.
template <typename F>
F real(F, const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}
#define REAL(name) static const auto next = real(&::name, #name)

}  // namespace chimplift::faults
