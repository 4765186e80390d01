// SPDX-License-Identifier: MIT
// What the command line answers to mistakes: one line with the mend, exit status 2.
#include <algorithm>

#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

struct Case {
  std::vector<std::string> arguments;
  std::string_view error;
};

TEST(Usage, MistakesGetOneLineAndStatusTwo) {
  const TemporaryFolder folder;
  const TemporaryFolder empty;
  const std::string ping = folder.write("ping.yaml", kPing);
  const std::string script = folder.write("script.pkt", "0 socket(..., SOCK_STREAM, 0) = 3\n");
  const std::string packed = folder.write("packed.pcap.gz", "\x1f\x8b\x08");
  const std::vector<Case> cases{
      {{}, "strata: a command is missing; try 'strata help'"},
      {{"rnu"}, "strata: unknown command 'rnu'; did you mean 'run'?"},
      {{"--versoin"}, "strata: unknown option '--versoin'; try 'strata help'"},
      {{"run"}, "strata: a scenario is missing; write 'strata run FILE'"},
      {{"run", ping, ping}, "strata: one scenario at a time; write 'strata run FILE'"},
      {{"run", "--jsno", ping}, "strata: unknown option '--jsno'; did you mean '--json'?"},
      {{"run", "--set"},
       "strata: required argument for option '--set' is missing; try 'strata help run'"},
      {{"run", "--width", "wide", ping},
       "strata: --width 'wide' is not a number of columns; use 60 to 1000"},
      {{"run", "--color", "alwys", ping},
       "strata: --color cannot be 'alwys'; did you mean 'always'?"},
      {{"run", "--pcap-format", "pcap", ping},
       "strata: --pcap-format needs --pcap; say where the files shall go: --pcap FOLDER"},
      {{"run", "--pcap", folder.file("out"), "--pcap-format", "pcapg", ping},
       "strata: --pcap-format cannot be 'pcapg'; did you mean 'pcapng'?"},
      {{"run", "--pcap", folder.file("out"), "--pcap-layer", "app", ping},
       "strata: --pcap-layer cannot be 'app'; use link or physical"},
      {{"run", "--pcap", "", ping}, "strata: --pcap names no folder"},
      {{"run", "--json", "--pcap", "-", ping},
       "strata: --json and --pcap - both want standard output; write one of them to files"},
      {{"run", folder.file("none.yaml")}, "strata: cannot read '"},
      {{"list", folder.file("none")}, "strata: cannot read '"},
      {{"test", empty.path().string()}, "strata: there are no scenarios in "},
      {{"run", "--seed", "x", ping}, "--set seed=x: 'seed': 'x' is not a whole number"},
      {{"run", "--until", "5", ping}, "--set until=5: 'until': '5' has no unit; write '5 ms'"},
      {{"show", ping},
       "strata: a view is missing; write 'strata show FILE VIEW'; views: summary, log, ladder, "},
      {{"show", ping, "plot", "windows"},
       "strata: 'windows' is not understood here; did you mean 'window'?"},
      {{"show", ping, "plot", "pictures"},
       "strata: 'pictures' is not understood here; one of: window, sequence, "},
      {{"show", ping, "ladder", "more"},
       "strata: 'more' is not understood here; one of: of, from, until\n"},
      {{"show", ping, "packet", "--of", "pong5"}, "strata: there are no packets called 'pong5'"},
      {{"wireshark", "--install", "--uninstall"},
       "strata: --install and --uninstall exclude each other; give one of them"},
      {{"show", ping, "why"},
       "strata: 'why' shows one packet; say which, for instance 'why of data 1'"},
      {{"show", ping, "waveform", "--of", "ping 1", "--bytes", "9-3"},
       "strata: '9-3' are not bytes of a frame; write the first and the last, counted from 0"},
      {{"show", ping, "waveform", "--of", "ping 1", "--code", "morse"},
       "strata: there is no line code 'morse'; use nrz, nrzi, manchester or mlt3"},
      {{"show", ping, "states", "--flow", "3"}, "strata: there is no flow 3; the run had "},
      {{"show", ping, "log", "--follow", "--speed", "fast"},
       "strata: --speed 'fast' is no factor; use a number above 0, for instance 0.01"},
      {{"show", ping, "summary", "--follow"},
       "strata: only the log can be followed without a terminal, not summary"},
      {{"step", ping, "lader"}, "strata: there is no view 'lader'; did you mean 'ladder'?"},
      {{"step"}, "strata: a scenario is missing; write 'strata step FILE'"},
      {{"show", ping, "lader"}, "strata: there is no view 'lader'; did you mean 'ladder'?"},
      {{"show", ping, "path"},
       "strata: 'path' shows one packet; say which, for instance 'path of data 1'"},
      {{"show", ping, "packet", "--uid", "9999"},
       "strata: there is no packet 9999; the last is uid "},
      {{"show", ping, "packet", "of", "data", "1"},
       "strata: there is no 'data 1'; the run had none of these"},
      {{"show", ping, "packet", "of", "ping", "3"},
       "strata: there is no 'ping 3'; the run had 2 of these"},
      {{"show", ping, "ladder", "--filter", "icmp.tipe == 8"},
       "strata: filter, column 1: there is no field 'icmp.tipe'; did you mean 'icmp.type'?"},
      {{"show", ping, "why", "--of", "ping 1", "--filter", "icmp"},
       "strata: the view why takes no filter; ladder and log do"},
      {{"show", ping, "states"}, "strata: there is no conversation in this run"},
      {{"show", ping, "ladder", "--flow", "3"}, "strata: there is no flow 3; the run had "},
      {{"show", ping, "ladder", "--speed", "2"}, "strata: --speed needs --follow; add it"},
      {{"show", ping, "ladder", "--json", "--svg"}, "strata: --json and --svg exclude each other"},
      {{"show", ping, "ladder", "--code", "nrz"}, "strata: 'ladder' takes no 'code'; it takes: "},
      {{"show", ping, "packet", "--uid", "1", "--of", "ping 1"},
       "strata: the packet is chosen twice; keep one of the two"},
      {{"run", ping, "--report-frames", "5"}, "strata: --report-frames needs --report; add it"},
      {{"run", ping, "--seed", ""}, "--set seed=: 'seed' has no value; write a whole number"},
      {{"run", ping, "--set", "links.wire.delay="},
       "--set links.wire.delay=: 'delay' has no value; write a duration such as '5 ms', or "},
      {{"run", script}, "strata: '"},
      {{"compare", script, ping}, "strata: '"},
      {{"compare", ping, "--set-b", "seed=2", "--flow", "9"},
       "strata: there is no flow 9 in A; that run had 0"},
      {{"report", ping, "--first", "5"}, "strata: --first is for captures, and '"},
      {{"export", ping, "events", "more"}, "strata: one scenario and one format at a time; "},
      {{"export", ping, "events", "-o", ""}, "strata: --output names no file; "},
      {{"export", ping, "events", "--from", "2s", "--to", "1s"},
       "strata: --to lies before --from; exchange the two"},
      {{"dissect", packed}, "strata: "},
      {{"extcap", "--install", "--uninstall"}, "strata: --install and --uninstall exclude each "},
      {{"new", ""}, "strata: a name is missing; write 'strata new NAME.yaml'"},
      {{"new", "a", "b"}, "strata: one name at a time; write 'strata new NAME.yaml'"},
      {{"show", ping, "sockets", "--on", "c"}, "strata: there is no node 'c'; one of: a, b"},
      {{"check"}, "strata: scenarios are missing; write 'strata check FILE...'"},
      {{"test"},
       "strata: scenarios are missing; write 'strata test FILE...' or name a folder of them"},
      {{"new"}, "strata: a name is missing; write 'strata new NAME.yaml'"},
      {{"help", "rnu"}, "strata: there is no help about 'rnu'; did you mean 'run'?"},
  };
  for (const Case& row : cases) {
    const CommandResult result = strata(row.arguments);
    const std::string shown = row.arguments.empty() ? "" : row.arguments.back();
    EXPECT_EQ(result.exit_status, 2) << shown << result.err;
    EXPECT_THAT(result.err, testing::StartsWith(std::string{row.error})) << shown;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << shown << result.err;
  }
  EXPECT_THAT(folder.files(), testing::ElementsAre("packed.pcap.gz", "ping.yaml", "script.pkt"));
}

TEST(Usage, HelpKnowsEveryCommandAndProgram) {
  const CommandResult overview = strata({"help"});
  EXPECT_EQ(overview.exit_status, 0);
  for (const std::string command : {"run", "show", "step", "check", "test", "list", "new"}) {
    EXPECT_THAT(overview.out, testing::HasSubstr("strata " + command + " "));
    const CommandResult help = strata({"help", command});
    EXPECT_EQ(help.exit_status, 0) << command;
    EXPECT_THAT(help.out, testing::StartsWith("usage: strata " + command));
    EXPECT_EQ(strata({command, "--help"}).out, help.out);
  }
  EXPECT_THAT(strata({"help", "ping"}).out, testing::HasSubstr("Whom to ask. (required)"));
  EXPECT_THAT(strata({"help", "waveform"}).out,
              testing::HasSubstr("usage: strata show FILE waveform --of PACKET [--flow N] "));
  EXPECT_EQ(strata({"help", "--help"}).out, overview.out);
  EXPECT_THAT(strata({"--version"}).out, testing::StartsWith("strata "));
}

TEST(Check, TellsEveryMistakeOfEveryFile) {
  const TemporaryFolder folder;
  const std::string good = folder.write("good.yaml", kPing);
  const std::string bad =
      folder.write("bad.yaml", "sed: 1\nnodes:\n  a: { adress: 10.0.0.1/24 }\n");
  const CommandResult result = strata({"check", bad, good});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(result.out, good + ": ok\n");
  EXPECT_EQ(result.err, bad + ":1:1: unknown key 'sed' in the scenario; did you mean 'seed'?\n" +
                            bad +
                            ":3:8: unknown key 'adress' in node 'a'; did you mean 'address'?\n");
  EXPECT_EQ(strata({"check", good}).exit_status, 0);
}

TEST(Check, ExplainsAndPrintsTheSchema) {
  const TemporaryFolder folder;
  const std::string good = folder.write("good.yaml", kPing);
  const CommandResult explained = strata({"check", "--explain", "--set", "seed=5", good});
  EXPECT_EQ(explained.exit_status, 0);
  EXPECT_THAT(explained.out, testing::HasSubstr("seed: 5\n"));
  EXPECT_THAT(explained.out, testing::HasSubstr("# default"));
  EXPECT_EQ(strata({"check", "--schema"}).out, read_file(documentation("scenario.schema.json")));
}

TEST(New, WritesAScenarioThatRunsAndNeverOverwrites) {
  const TemporaryFolder folder;
  const std::string path = folder.file("first.yaml");
  EXPECT_EQ(strata({"new", folder.file("first")}).exit_status, 0);
  EXPECT_EQ(strata({"check", path}).exit_status, 0);
  EXPECT_EQ(strata({"run", path}).exit_status, 0);
  const std::string before = read_file(path);
  const CommandResult again = strata({"new", path});
  EXPECT_EQ(again.exit_status, 2);
  EXPECT_EQ(again.err, "strata: " + path + " already exists; choose another name\n");
  EXPECT_EQ(read_file(path), before);
}

TEST(List, ShowsTitles) {
  const CommandResult result = strata({"list", scenario("loss")});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.out,
              testing::ContainsRegex(
                  "fast-retransmit.yaml +One lost segment, repaired by fast retransmit"));
}

}  // namespace
}  // namespace strata::cli_tests
