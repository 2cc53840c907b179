# Warnings, hardening and sanitizers, the same for every target of ours: link chimplift_compiler PRIVATE.
add_library(chimplift_compiler INTERFACE)
target_compile_definitions(chimplift_compiler INTERFACE CHIMPLIFT_VERSION="${PROJECT_VERSION}")
target_compile_options(chimplift_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wformat=2 -Wnon-virtual-dtor -Woverloaded-virtual
  -fstack-protector-strong
  # GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651, mended in 13).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

set(CHIMPLIFT_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(CHIMPLIFT_SANITIZE)
  add_compile_options(-fsanitize=${CHIMPLIFT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${CHIMPLIFT_SANITIZE})
else()
  # OpenSSF's hardening guide for C and C++: what costs next to nothing and stops the usual ways in.
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2> -D_GLIBCXX_ASSERTIONS -fstack-clash-protection)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(CHIMPLIFT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()
