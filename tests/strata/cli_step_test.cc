// SPDX-License-Identifier: MIT
// `strata step` by commands on standard input and by keys of a terminal, and `--follow`.
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

using testing::HasSubstr;
using testing::Not;

// The screens that answer `commands`, the one shown at first included.
std::vector<std::string> screens(const std::string& commands, const std::string& view = "log") {
  const TemporaryFolder folder;
  const std::string file = folder.write("x.yaml", kPing);
  const CommandResult result = strata({"step", file, view, "--ascii"}, {.input = commands});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  // Each begins with the name of the file, and a blank line stands between them.
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < result.out.size();) {
    const std::size_t end = std::min(result.out.find("\n\n" + file, begin), result.out.size() - 1);
    found.push_back(result.out.substr(begin, end - begin));
    begin = end + 2;
  }
  return found;
}

std::string event_line(const std::string& screen) {
  const std::size_t begin = screen.find('\n') + 1;
  return screen.substr(begin, screen.find('\n', begin) - begin);
}

TEST(Step, AFullDiskIsReported) {
  const TemporaryFolder folder;
  const CommandResult result = strata({"step", folder.write("x.yaml", kPing)},
                                      {.input = "n\nn\n", .output_to = "/dev/full"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(result.err, "strata: cannot write to standard output: No space left on device\n");
}

TEST(Step, BackIsWhereOneCameFrom) {
  const auto shown = screens("n\nn\nb\nb\n");
  ASSERT_EQ(shown.size(), 5U);
  EXPECT_EQ(shown[0], shown[4]);
  EXPECT_EQ(shown[1], shown[3]);
  EXPECT_NE(shown[0], shown[1]);
}

TEST(Step, ShowsTheRunUpToTheEventAndNotBeyond) {
  const auto shown = screens("/ recv   #\nend\n");
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_THAT(event_line(shown[1]), HasSubstr("recv"));
  EXPECT_THAT(shown[1], Not(HasSubstr("icmp_seq=2")));
  EXPECT_THAT(shown[2], HasSubstr("icmp_seq=2"));
}

TEST(Step, ASessionIsAPictureThatMovesWithoutAScript) {
  const TemporaryFolder folder;
  const std::string file = folder.write("x.yaml", kPing);
  const CommandResult result =
      strata({"step", file, "ladder", "--svg", "--rows", "16"}, {.input = "n 5\nu icmp\nend\n"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, testing::StartsWith("<svg "));
  EXPECT_THAT(result.out, HasSubstr(">u icmp</text>"));
  EXPECT_THAT(result.out, HasSubstr("prefers-reduced-motion:no-preference"));
  EXPECT_THAT(result.out, HasSubstr("@keyframes"));
  EXPECT_THAT(result.out, Not(HasSubstr("script")));
  EXPECT_LT(result.out.size(), 100'000U);
  const CommandResult refused = strata({"step", file, "--rows", "16"});
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.err, HasSubstr("--svg"));
}

TEST(Step, GoesToAnInstant) {
  const auto shown = screens("g 1 s\n");
  ASSERT_EQ(shown.size(), 2U);
  // The second ping leaves at 1 s; nothing that is later.
  EXPECT_THAT(shown[1].substr(0, shown[1].find('\n')), HasSubstr("  1 s  event"));
}

TEST(Step, FindsTextInCapitalsOrNotAndSaysWhenThereIsNone) {
  const auto shown = screens("/ ARP\n/ nowhere\n");
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_THAT(event_line(shown[1]), HasSubstr("arp"));
  EXPECT_EQ(event_line(shown[2]), event_line(shown[1]));
  EXPECT_THAT(shown[2], HasSubstr("no event from here on says 'nowhere'"));
}

TEST(Step, RunsUntilAFilterPassesAndSaysWhatIsWrongWithOne) {
  const auto shown = screens("u icmp.type == 0\nu\nu\nu icmp.tipe\n");
  ASSERT_EQ(shown.size(), 5U);
  EXPECT_THAT(event_line(shown[1]), HasSubstr("send"));
  EXPECT_THAT(event_line(shown[1]), HasSubstr("echo reply, id"));
  EXPECT_THAT(event_line(shown[2]), HasSubstr("seq 2"));
  EXPECT_THAT(shown[3], HasSubstr("no frame from here on passes 'icmp.type == 0'"));
  EXPECT_THAT(shown[4], HasSubstr("column 1: there is no field 'icmp.tipe'"));
}

TEST(Step, TabGoesThroughViewsThatAllHaveSomethingToShow) {
  std::string commands = "/ send\n";
  for (int i = 0; i < 15; ++i) commands += "tab\n";
  const auto shown = screens(commands);
  ASSERT_EQ(shown.size(), 17U);
  EXPECT_EQ(shown[1], shown[16]);  // all the way round
  for (const std::string& screen : shown)
    EXPECT_GE(std::count(screen.begin(), screen.end(), '\n'), 4);
}

TEST(Step, WordsThatAreNoCommandAreToldAndTheEndIsTheEnd) {
  const auto shown = screens("jump\nend\nn\nq\nn\n");
  ASSERT_EQ(shown.size(), 4U);
  EXPECT_THAT(shown[1], HasSubstr("'jump' is no key"));
  EXPECT_THAT(shown[3], HasSubstr("this is the last event"));
}

TEST(Follow, PrintsTheSameLogAsWithout) {
  const TemporaryFolder folder;
  const std::string file = folder.write("x.yaml", kPing);
  const CommandResult followed = strata({"show", file, "log", "--follow", "--speed", "1000"});
  EXPECT_EQ(followed.exit_status, 0) << followed.err;
  EXPECT_EQ(followed.out, strata({"show", file, "log"}).out);
}

// A terminal of our own with `strata step` in it.
class Terminal {
 public:
  explicit Terminal(const std::string& file) {
    winsize size{.ws_row = 20, .ws_col = 90, .ws_xpixel = 0, .ws_ypixel = 0};
    child_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (child_ == 0) {
      ::execl(test::strata_binary().c_str(), "strata", "step", file.c_str(), "--ascii", nullptr);
      ::_exit(127);
    }
    ::tcgetattr(master_, &before_);
  }
  ~Terminal() {
    if (child_ > 0 && !is_over_) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(master_);
  }

  void type(std::string_view keys) { EXPECT_GT(::write(master_, keys.data(), keys.size()), 0); }
  void signal(int number) const { ::kill(child_, number); }
  void resize(unsigned short rows, unsigned short columns) {
    winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ::ioctl(master_, TIOCSWINSZ, &size);
  }
  // Reads until `text` has been shown.
  bool sees(std::string_view text) {
    for (int i = 0; i < 400 && shown_.find(text) == std::string::npos; ++i) read_some();
    const bool found = shown_.find(text) != std::string::npos;
    if (found) shown_.clear();
    return found;
  }
  // The exit status; 128 + signal.
  int wait() {
    int status = 0;
    for (int i = 0; i < 400; ++i) {
      read_some();
      if (::waitpid(child_, &status, WNOHANG) != child_) continue;
      is_over_ = true;
      read_some();
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return -1;
  }
  bool is_as_before() const {
    termios now{};
    ::tcgetattr(master_, &now);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag;
  }
  const std::string& shown() const { return shown_; }

 private:
  void read_some() {
    pollfd input{.fd = master_, .events = POLLIN, .revents = 0};
    if (::poll(&input, 1, 25) <= 0) return;
    char buffer[4096];
    const ssize_t count = ::read(master_, buffer, sizeof buffer);
    if (count > 0) {
      shown_.append(buffer, static_cast<std::size_t>(count));
    } else {
      ::usleep(25'000);  // hung up: the child is about to end, and poll() no longer waits
    }
  }

  int master_ = -1;
  pid_t child_ = -1;
  bool is_over_ = false;
  termios before_{};
  std::string shown_;
};

constexpr const char* kBack = "\x1b[?1049l";  // the shell's screen

TEST(StepOnATerminal, GoesByKeysAndLeavesTheTerminalAsItWas) {
  const TemporaryFolder folder;
  Terminal terminal(folder.write("x.yaml", kPing));
  ASSERT_TRUE(terminal.sees("event 1 of"));
  EXPECT_FALSE(terminal.is_as_before());
  terminal.type("n");
  EXPECT_TRUE(terminal.sees("event 2 of"));
  terminal.type("\x1b[D");
  EXPECT_TRUE(terminal.sees("event 1 of"));
  terminal.type("g");
  EXPECT_TRUE(terminal.sees("go to time: "));
  terminal.type("1 s\r");
  EXPECT_TRUE(terminal.sees("  1 s  event"));
  terminal.type("\t");
  EXPECT_TRUE(terminal.sees("[ladder]"));
  terminal.resize(12, 70);
  EXPECT_TRUE(terminal.sees(std::string(70, '-')));
  terminal.type("q");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_THAT(terminal.shown(), HasSubstr(kBack));
  EXPECT_TRUE(terminal.is_as_before());
}

TEST(StepOnATerminal, IsLeftInOrderByCtrlCAndBySignals) {
  const TemporaryFolder folder;
  const std::string file = folder.write("x.yaml", kPing);
  {
    Terminal terminal(file);
    ASSERT_TRUE(terminal.sees("event 1 of"));
    terminal.type("\x03");
    EXPECT_EQ(terminal.wait(), 130);
    EXPECT_THAT(terminal.shown(), HasSubstr(kBack));
    EXPECT_TRUE(terminal.is_as_before());
  }
  for (const int number : {SIGTERM, SIGHUP, SIGABRT}) {
    Terminal terminal(file);
    ASSERT_TRUE(terminal.sees("event 1 of"));
    terminal.signal(number);
    EXPECT_NE(terminal.wait(), 0);
    EXPECT_THAT(terminal.shown(), HasSubstr(kBack)) << number;
    EXPECT_TRUE(terminal.is_as_before()) << number;
  }
}

}  // namespace
}  // namespace strata::cli_tests
