// SPDX-License-Identifier: MIT
// What Strata installs into Wireshark, as the real tshark uses it: fields, colour rules, profile,
// and the extcap interface. Installed into a home of its own; run as an ordinary user where the
// test itself is not one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <utility>

#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class WiresharkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::has_program("tshark") || !test::has_program("dumpcap")) {
      ASSERT_FALSE(test::tools_are_required()) << "tshark is missing";
      GTEST_SKIP() << "tshark is not installed";
    }
    fs::create_directories(home());
    open_to_all(folder_.path());
  }
  std::string home() const { return folder_.file("home"); }
  CommandOptions at_home() const {
    return {.environment = {"HOME=" + home(),
                            "STRATA_SCENARIOS=" + (test::source_root() / "scenarios").string()},
            .has_clean_environment = true,
            .limit = std::chrono::seconds{30}};
  }
  CommandResult strata_at_home(std::vector<std::string> arguments) const {
    return strata(std::move(arguments), at_home());
  }
  // As nobody when we are root: Wireshark treats root in special ways.
  CommandResult as_user(std::vector<std::string> command) const {
    open_to_all(folder_.path());
    if (::geteuid() == 0 && test::has_program("setpriv")) {
      const std::vector<std::string> drop{"setpriv", "--reuid=65534", "--regid=65534",
                                          "--clear-groups", "--"};
      command.insert(command.begin(), drop.begin(), drop.end());
    }
    return run_command(command, at_home());
  }
  static void open_to_all(const fs::path& path) {
    fs::permissions(path, fs::perms::all);
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      fs::permissions(entry.path(), fs::perms::all);
    }
  }
  // A capture of a scenario's client.
  std::string captured(const char* name) const {
    const std::string captures = folder_.file("caps");
    EXPECT_EQ(strata({"run", scenario(name), "--quiet", "--pcap", captures}).exit_status, 0);
    return captures + "/client-eth0.pcapng";
  }

  test::TemporaryFolder folder_;
};

TEST_F(WiresharkTest, TheLuaFieldsSayWhatTheCommentsSay) {
  ASSERT_EQ(strata_at_home({"wireshark", "--install"}).exit_status, 0);
  const std::string file = captured("loss/fast-retransmit.yaml");
  const CommandResult result =
      run_command({"tshark",
                   "-X",
                   "lua_script:" + home() + "/.local/lib/wireshark/plugins/strata.lua",
                   "-r",
                   file,
                   "-T",
                   "fields",
                   "-e",
                   "strata.uid",
                   "-e",
                   "strata.cwnd",
                   "-e",
                   "strata.flight",
                   "-e",
                   "strata.state",
                   "-e",
                   "strata.drop",
                   "-e",
                   "strata.cause",
                   "-e",
                   "strata.of",
                   "-e",
                   "frame.comment",
                   "-E",
                   "aggregator=|"},
                  at_home());
  ASSERT_EQ(result.exit_status, 0) << result.err;
  const auto said = [](const std::string& comments, const std::string& key) {
    std::smatch match;
    return std::regex_search(comments, match, std::regex("\\b" + key + "=([^ |]+)"))
               ? match[1].str()
               : std::string{};
  };
  std::size_t drops = 0;
  for (const std::string& line : test::split_lines(result.out)) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == '\t') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    ASSERT_EQ(cells.size(), 8U) << line;
    const std::string& comments = cells[7];
    std::size_t column = 0;
    for (const char* key : {"uid", "cwnd", "flight", "state", "drop", "cause", "of"}) {
      EXPECT_EQ(cells[column++], said(comments, key)) << key << " in " << comments;
    }
    if (!cells[4].empty()) ++drops;
  }
  EXPECT_EQ(drops, 1U);
}

// Wireshark 4.4 speaks Lua 5.4, the tshark above 5.2. What of Wireshark the file uses is played.
TEST_F(WiresharkTest, TheLuaFieldsAreTheSameInTheLuaOfWireshark44) {
  if (!test::has_program("lua5.4")) {
    ASSERT_FALSE(test::tools_are_required()) << "lua5.4 is missing";
    GTEST_SKIP() << "lua5.4 is not installed";
  }
  ASSERT_EQ(strata_at_home({"wireshark", "--install"}).exit_status, 0);
  folder_.write("wireshark.lua", R"(
local function abbreviation(name) return name end
base = { DEC = 1 }
set_plugin_info = function() end
register_postdissector = function() end
ProtoField = { uint64 = abbreviation, double = abbreviation, string = abbreviation }
UInt64 = function(text) return "UInt64 " .. text end
Proto = function() proto = {}; return proto end
Field = { new = function() return function()
  return { value = "not ours: uid=9" },
        { value = "strata: uid=7 cwnd=14600 p=0 draw=0.25 drop=loss cause=rack-tlp bits=x later=1" }
end end }
dofile(arg[1])
local item = { set_generated = function() end }
local branch = { add = function(_, field, value) print(field, value); return item end }
local info = { append = function(_, text) print("info" .. text) end }
proto.dissector(nil, { cols = { info = info } }, { add = function() return branch end })
)");
  const CommandResult result =
      test::run_command({"lua5.4", folder_.file("wireshark.lua"),
                         home() + "/.local/lib/wireshark/plugins/strata.lua"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.out,
            "strata.uid\tUInt64 7\nstrata.cwnd\tUInt64 14600\nstrata.p\t0\nstrata.draw\t0.25\n"
            "strata.drop\tloss\ninfo [DROPPED: loss]\n"
            "strata.cause\track-tlp\ninfo [RETX: rack-tlp]\n");
}

// Where each version looks: 4.0; 4.2 and later; the first of 4.4 (docs/wireshark.md, Versions).
TEST_F(WiresharkTest, TheInterfaceIsWhereEachVersionLooks) {
  ASSERT_EQ(strata_at_home({"extcap", "--install"}).exit_status, 0);
  EXPECT_THAT(folder_.files(),
              testing::UnorderedElementsAre("home/.config/wireshark/extcap/strata",
                                            "home/.local/lib/wireshark/extcap/strata",
                                            "home/.local/lib/wireshark/extcap/wireshark/strata"));
}

TEST_F(WiresharkTest, DropsAreThoseOfTheRunsGroundTruth) {
  ASSERT_EQ(strata_at_home({"wireshark", "--install"}).exit_status, 0);
  const std::string file = captured("loss/lossy-transfer.yaml");
  const CommandResult result = run_command(
      {"tshark", "-X", "lua_script:" + home() + "/.local/lib/wireshark/plugins/strata.lua", "-r",
       file, "-Y", "strata.drop", "-T", "fields", "-e", "strata.uid"},
      at_home());
  ASSERT_EQ(result.exit_status, 0) << result.err;
  const std::vector<std::string> uids = test::split_lines(result.out);
  for (std::size_t i = 0; i < uids.size(); ++i) {
    const CommandResult shown = strata(
        {"show", scenario("loss/lossy-transfer.yaml"), "path", "--uid", uids[i], "--width", "200"});
    EXPECT_THAT(shown.out, HasSubstr("lost at random")) << uids[i];
  }
}

TEST_F(WiresharkTest, TheProfileColoursWhatWasLostAndSentAgain) {
  ASSERT_EQ(strata_at_home({"wireshark", "--install"}).exit_status, 0);
  const std::string file = captured("loss/fast-retransmit.yaml");
  const CommandResult result =
      as_user({"tshark", "--color", "-C", "Strata", "-r", file, "-T", "fields", "-e", "strata.uid",
               "-e", "frame.coloring_rule.name"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Strata dropped"));
  EXPECT_THAT(result.out, HasSubstr("Strata retransmission"));
  EXPECT_THAT(result.err, Not(HasSubstr("preference")));
  const CommandResult columns = as_user({"tshark", "-C", "Strata", "-r", file});
  EXPECT_THAT(columns.out, HasSubstr("ESTABLISHED"));
  EXPECT_THAT(columns.out, HasSubstr("[DROPPED: chosen]"));
}

TEST_F(WiresharkTest, UninstallingLeavesTheHomeAsItWas) {
  fs::create_directories(home() + "/.config/wireshark");
  std::ofstream(home() + "/.config/wireshark/preferences") << "gui.x: 1\n";
  ASSERT_EQ(strata_at_home({"wireshark", "--install"}).exit_status, 0);
  ASSERT_EQ(strata_at_home({"extcap", "--install"}).exit_status, 0);
  EXPECT_GT(folder_.files().size(), 6U);
  ASSERT_EQ(strata_at_home({"extcap", "--uninstall"}).exit_status, 0);
  ASSERT_EQ(strata_at_home({"wireshark", "--uninstall"}).exit_status, 0);
  EXPECT_THAT(folder_.files(), testing::ElementsAre("home/.config/wireshark/preferences"));
  EXPECT_FALSE(fs::exists(home() + "/.local"));
}

TEST_F(WiresharkTest, AFileThatIsNotOursIsNotTouched) {
  const std::string lua = home() + "/.local/lib/wireshark/plugins/strata.lua";
  fs::create_directories(fs::path(lua).parent_path());
  std::ofstream(lua) << "-- mine\n";
  const CommandResult result = strata_at_home({"wireshark", "--install"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("is not ours"));
  EXPECT_EQ(test::read_file(lua), "-- mine\n");
  EXPECT_FALSE(fs::exists(home() + "/.config/wireshark/profiles"));
}

// ---- extcap -------------------------------------------------------------------------------------

TEST_F(WiresharkTest, TsharkListsTheInterfaceAndItsLinkType) {
  ASSERT_EQ(strata_at_home({"extcap", "--install"}).exit_status, 0);
  EXPECT_THAT(as_user({"tshark", "-D"}).out, HasSubstr("strata (Strata: a simulated network)"));
  EXPECT_THAT(as_user({"tshark", "-i", "strata", "-L"}).out, HasSubstr("EN10MB"));
}

TEST_F(WiresharkTest, TheContractIsAnsweredInItsOwnWords) {
  const CommandResult interfaces =
      strata_at_home({"extcap", "--extcap-interfaces", "--extcap-version=4.4"});
  EXPECT_EQ(interfaces.exit_status, 0);
  EXPECT_THAT(interfaces.out, HasSubstr("interface {value=strata}{display="));
  const CommandResult config = strata_at_home(
      {"extcap", "--extcap-config", "--extcap-interface", "strata", "--extcap-later", "7"});
  EXPECT_EQ(config.exit_status, 0) << config.err;
  for (const char* call : {"--scenario", "--interface", "--seed", "--speed", "--loss"}) {
    EXPECT_THAT(config.out, HasSubstr(fmt::format("{{call={}}}", call)));
  }
  EXPECT_EQ(strata_at_home({"extcap", "--extcap-dlts", "--extcap-interface", "strata"}).out,
            "dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
  EXPECT_EQ(strata_at_home({"extcap", "--extcap-dlts", "--extcap-interface", "eth7"}).exit_status,
            2);
}

TEST_F(WiresharkTest, TsharkCapturesARunThatItFiltersAndEndsByCount) {
  ASSERT_EQ(strata_at_home({"extcap", "--install"}).exit_status, 0);
  const std::string file = folder_.file("live.pcapng");
  const CommandResult result = as_user({"tshark", "-i", "strata", "-o", "extcap.strata.speed:fast",
                                        "-f", "tcp port 7777", "-c", "10", "-w", file});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  const CommandResult rows = as_user({"tshark", "-r", file, "-T", "fields", "-e", "tcp.port"});
  const std::vector<std::string> lines = test::split_lines(rows.out);
  EXPECT_EQ(lines.size(), 10U);
  for (const std::string& line : lines) EXPECT_THAT(line, HasSubstr("7777"));
}

TEST_F(WiresharkTest, ARunInRealTimeEndsByDurationAndLeavesNoProcess) {
  ASSERT_EQ(strata_at_home({"extcap", "--install"}).exit_status, 0);
  const std::string file = folder_.file("live.pcapng");
  const CommandResult result = as_user(
      {"tshark", "-i", "strata", "-o", "extcap.strata.speed:0.05", "-a", "duration:3", "-w", file});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_FALSE(test::split_lines(as_user({"tshark", "-r", file}).out).empty());
  // No extcap of this home is still there.
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream command(entry.path() / "cmdline");
    const std::string words{std::istreambuf_iterator<char>(command), {}};
    const bool is_ours = words.find("--fifo") != std::string::npos &&
                         words.find(test::strata_binary().string()) != std::string::npos;
    EXPECT_FALSE(is_ours) << words;
  }
}

TEST_F(WiresharkTest, TheSameSeedGivesTheSameFramesAndLossIsAdded) {
  ASSERT_EQ(strata_at_home({"extcap", "--install"}).exit_status, 0);
  const auto run = [&](const std::string& name, const std::string& seed, const std::string& loss) {
    const std::string file = folder_.file(name);
    const CommandResult result =
        as_user({"tshark", "-i", "strata", "-o", "extcap.strata.speed:fast", "-o",
                 "extcap.strata.seed:" + seed, "-o", "extcap.strata.loss:" + loss, "-w", file});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    return as_user({"tshark", "-r", file, "-T", "fields", "-e", "frame.time_epoch", "-e",
                    "frame.comment", "-e", "frame.len"})
        .out;
  };
  const std::string first = run("a.pcapng", "7", "0");
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(run("b.pcapng", "7", "0"), first);
  EXPECT_THAT(run("c.pcapng", "7", "20"), HasSubstr("drop=loss"));
}

TEST_F(WiresharkTest, AMistakeIsToldThroughTshark) {
  ASSERT_EQ(strata_at_home({"extcap", "--install"}).exit_status, 0);
  const CommandResult result = as_user(
      {"tshark", "-i", "strata", "-o", "extcap.strata.interface:nobody:eth0", "-a", "duration:5"});
  EXPECT_NE(result.exit_status, 0);
  EXPECT_THAT(result.err, HasSubstr("no interface 'nobody:eth0'"));
}

}  // namespace
}  // namespace strata::cli_tests
