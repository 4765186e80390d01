// SPDX-License-Identifier: MIT
#include "tests/theory/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace strata::theory {

void expect_table(const std::string& name, const std::string& text) {
  const std::string path = std::string{STRATA_SOURCE_DIR} + "/tests/theory/" + name + ".txt";
  if (std::getenv("STRATA_UPDATE_THEORY") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_EQ(text, golden) << path << " says otherwise";
}

}  // namespace strata::theory
