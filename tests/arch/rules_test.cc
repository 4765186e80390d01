// SPDX-License-Identifier: MIT
// Each rule of the house on a few lines of its own: what it must catch and what it must let pass.
#include "tests/arch/rules.h"

namespace strata::arch {
namespace {

TEST(IncludeDirection, ALowerLayerMayNotIncludeAHigherOne) {
  EXPECT_EQ(check_include_direction({"stack/wire/a.h", "#include \"stack/link/b.h\"\n"}).size(),
            1U);
  EXPECT_EQ(check_include_direction({"stack/base/a.h", "#include \"stack/wire/b.h\"\n"}).size(),
            1U);
  EXPECT_EQ(check_include_direction({"sim/world.h", "#include \"tools/views/b.h\"\n"}).size(), 1U);
}

TEST(IncludeDirection, AHigherLayerMayIncludeLowerOnesAndItself) {
  EXPECT_TRUE(check_include_direction({"stack/link/a.h", "#include \"stack/wire/b.h\"\n"}).empty());
  EXPECT_TRUE(check_include_direction({"stack/link/a.h", "#include \"stack/link/b.h\"\n"}).empty());
  EXPECT_TRUE(check_include_direction({"tools/strata/a.h", "#include \"sim/world.h\"\n"}).empty());
}

TEST(IncludeDirection, AnIncludeIsWrittenFromTheRoot) {
  EXPECT_EQ(check_include_direction({"stack/wire/a.h", "#include \"b.h\"\n"}).size(), 1U);
}

TEST(Banned, CatchesWhatBreaksDeterminismAndOwnership) {
  EXPECT_EQ(check_banned({"stack/a.cc", "auto t = std::chrono::steady_clock::now();\n"}).size(),
            1U);
  EXPECT_EQ(check_banned({"sim/a.cc", "std::random_device device;\n"}).size(), 1U);
  EXPECT_EQ(check_banned({"stack/a.cc", "throw 1;\n"}).size(), 1U);
  EXPECT_EQ(check_banned({"stack/a.cc", "auto p = reinterpret_cast<int*>(q);\n"}).size(), 1U);
  EXPECT_EQ(check_banned({"stack/a.cc", "#include <iostream>\n"}).size(), 1U);
}

TEST(Banned, IgnoresCommentsAndStrings) {
  EXPECT_TRUE(check_banned({"stack/a.cc", "// we never throw\n"}).empty());
  EXPECT_TRUE(check_banned({"stack/a.cc", "print(\"rand() is random_device\");\n"}).empty());
  EXPECT_TRUE(check_banned({"stack/a.cc", "static_assert(true);\nSTRATA_ASSERT(x);\n"}).empty());
}

TEST(Coroutines, CatchesTheFormsThatGccMiscompiles) {
  const std::array bad{
      "  if (co_await f()) {\n",
      "  while ((co_await f()) > 0) {\n",
      "  EXPECT_EQ(co_await f(), 1);\n",
      "  auto r = co_await f(A{1, 2});\n",
      "  auto r = x ? co_await f() : 0;\n",
      "Task<void> run(const std::string& name) {\n",
  };
  for (const char* line : bad) {
    EXPECT_FALSE(check_coroutines({"stack/application/a.cc", line}).empty()) << line;
  }
}

TEST(Coroutines, LetsTheAllowedFormsPass) {
  const std::array good{
      "  auto r = co_await f(x);\n",
      "  co_await f(x);\n",
      "  co_return co_await f(x);\n",
      "  total += co_await f(x);\n",
      "Task<void> run(Process process, std::string name) {\n",
  };
  for (const char* line : good) {
    EXPECT_TRUE(check_coroutines({"stack/application/a.cc", line}).empty()) << line;
  }
}

TEST(Layout, AsksForLicencePragmaAndShortLines) {
  const std::string licence = "// SPDX-License-Identifier: MIT\n";
  EXPECT_TRUE(check_layout({"a.h", licence + "#pragma once\n"}).empty());
  EXPECT_EQ(check_layout({"a.h", licence}).size(), 1U);
  EXPECT_EQ(check_layout({"a.cc", "int x;\n"}).size(), 1U);
  EXPECT_EQ(check_layout({"a.cc", licence + std::string(101, 'x') + "\n"}).size(), 1U);
  EXPECT_EQ(check_layout({"a.cc", licence + "int x; \n"}).size(), 1U);
  EXPECT_EQ(check_layout({"a.cc", licence + "\tint x;\n"}).size(), 1U);
}

TEST(Size, CatchesALongFunctionAndALongFile) {
  std::string body;
  for (int i = 0; i < 80; ++i) body += "  work();\n";
  EXPECT_EQ(check_size({"stack/a.cc", "void f(int x) {\n" + body + "}\n"}).size(), 1U);
  EXPECT_TRUE(check_size({"stack/a.cc", "namespace a {\n" + body + "}\n"}).empty());
  EXPECT_TRUE(check_size({"stack/a.cc", "void f(int x) {\n  work();\n}\n"}).empty());
  std::string file;
  for (int i = 0; i < 601; ++i) file += "int x;\n";
  EXPECT_EQ(check_size({"stack/a.cc", file}).size(), 1U);
}

TEST(Listed, ASourceThatCMakeDoesNotNameIsDead) {
  EXPECT_TRUE(check_listed({"stack/base/time.cc", ""}, "SOURCES\n  time.cc other.cc)").empty());
  EXPECT_EQ(check_listed({"stack/base/time.cc", ""}, "SOURCES runtime.cc)").size(), 1U);
}

}  // namespace
}  // namespace strata::arch
