# One target per folder: strata_library(NAME folder sources... DEPENDS targets...) and the matching
# test executable strata_test(). Sources are listed by hand: a file that is not listed is not built.
include_guard()

function(strata_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wno-missing-field-initializers -ffp-contract=off)
  if(STRATA_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    # "rep movs" and "rep stos", which g++-12 likes for runs whose length it has a bound for, take
    # longer to start than most of our copies take in all, and are slower than the library.
    foreach(strategy memcpy-strategy=unrolled_loop:64 memset-strategy=unrolled_loop:128)
      target_compile_options(${target} PRIVATE
        $<$<CONFIG:Release>:-m${strategy}:noalign,libcall:-1:noalign>)
    endforeach()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++-12 reports overruns that are not there when it optimises (docs/hacking.md).
    target_compile_options(${target} PRIVATE
      -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict -Wno-maybe-uninitialized)
    # A file takes 1 GB either way. Not to look for garbage before that (in kB) is an eighth faster.
    target_compile_options(${target} PRIVATE "SHELL:--param ggc-min-heapsize=1000000")
  endif()
endfunction()

# A build that is guided by a profile is two builds: one records what runs, the other is made with
# it (`tools/dev build guided`). What never ran is compiled as usual, not as if it never would.
function(strata_profile)
  set(recorded ${PROJECT_SOURCE_DIR}/build/training/profile)
  if(STRATA_PROFILE STREQUAL "record")
    add_compile_options(-fprofile-generate=${recorded} -fprofile-prefix-path=${CMAKE_BINARY_DIR})
    add_link_options(-fprofile-generate=${recorded})
  elseif(STRATA_PROFILE STREQUAL "use")
    add_compile_options(-fprofile-use=${recorded} -fprofile-prefix-path=${CMAKE_BINARY_DIR}
      -fprofile-partial-training -fprofile-correction -Wno-missing-profile -Wno-coverage-mismatch)
    add_link_options(-Wno-stringop-overflow)   # as above; link-time optimisation warns again
  elseif(NOT STRATA_PROFILE STREQUAL "")
    message(FATAL_ERROR "STRATA_PROFILE is '${STRATA_PROFILE}'; it can be 'record' or 'use'")
  endif()
endfunction()

# What nearly every file includes is precompiled with strata_base. clang++ goes without: there every
# file has to include what it uses.
function(strata_precompiled target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_precompile_headers(${target} REUSE_FROM strata_base)
  endif()
endfunction()

# strata_alone(a.cc ...): files that are not compiled together with others of their folder.
function(strata_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# strata_library(name SOURCES a.cc b.cc DEPENDS strata_base fmt::fmt)
function(strata_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  strata_options(${name})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS})
  if(NOT name STREQUAL "strata_base")
    strata_precompiled(${name})
  endif()
endfunction()

# ctest counts half processors: a test keeps one busy, unless it mostly waits (the kernel's) or has
# several processes (the browser's). What takes longest starts first.
set(STRATA_BUSY_TEST PROCESSORS 2)

# strata_test_program(name SOURCES a_test.cc DEPENDS strata_base): one GoogleTest executable per
# folder. strata_test() also tells ctest to run it.
function(strata_test_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  strata_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} strata_test_support)
  target_precompile_headers(${name} REUSE_FROM strata_test_support)
endfunction()

function(strata_test name)
  strata_test_program(${name} ${ARGN})
  # As every command in the documentation: from the root of the checkout.
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 ${STRATA_BUSY_TEST})
endfunction()
