// SPDX-License-Identifier: MIT
// State x call -> errno. The tables are those of docs/sockets.md: each cell is put to the test on a
// network of its own.
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

std::string read_page() {
  std::ifstream in(std::string{STRATA_SOURCE_DIR} + "/docs/sockets.md", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The lines between <!-- name --> and <!-- /name -->.
std::vector<std::string> section(const std::string& name) {
  const std::string page = read_page();
  const std::string begin = "<!-- " + name + " -->\n";
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find("<!-- /" + name + " -->");
  std::vector<std::string> lines;
  if (from == std::string::npos || to == std::string::npos) return lines;
  std::istringstream text(page.substr(from + begin.size(), to - from - begin.size()));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// "| a | b |" -> {"a", "b"}.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> parts;
  for (std::size_t at = 2; at < line.size();) {
    const std::size_t end = line.find(" |", at);
    if (end == std::string::npos) break;
    parts.push_back(line.substr(at, end - at));
    at = end + 3;
  }
  return parts;
}

// One cell: its own two hosts, a socket of the client in a state, a call.
class Cell : public SocketTest {
 public:
  explicit Cell(Type type) : type_(type) {}
  void TestBody() override {}

  void prepare(const std::string& state) {
    if (type_ == Type::stream) {
      prepare_stream(state);
    } else {
      prepare_datagram(state);
    }
    if (state == "closed") net.c().close(fd_, now());
  }
  std::string act(const std::string& call) {
    std::array<std::uint8_t, 10> buffer{};
    const Endpoint peer{TwoHosts::kServer, 80};
    const std::map<std::string, std::function<std::string()>> calls{
        {"bind",
         [&] {
           return outcome(net.c().bind(fd_, {{}, 5001}));
         }},
        {"listen", [&] { return outcome(net.c().listen(fd_, 5, now())); }},
        {"accept", [&] { return outcome(net.c().accept(fd_, now())); }},
        {"connect", [&] { return outcome(net.c().connect(fd_, peer, now())); }},
        {"send", [&] { return outcome(net.c().send(fd_, as_bytes("x"), now())); }},
        {"sendto", [&] { return outcome(net.c().send_to(fd_, as_bytes("x"), peer, now())); }},
        {"recv", [&] { return outcome(net.c().receive(fd_, buffer, {}, now())); }},
        {"shutdown", [&] { return outcome(net.c().shutdown(fd_, How::both, now())); }},
        {"getsockname", [&] { return outcome(net.c().local_name(fd_)); }},
        {"getpeername", [&] { return outcome(net.c().peer_name(fd_)); }},
        {"setsockopt",
         [&] { return outcome(net.c().set_option(fd_, Option::ttl, std::int64_t{9}, now())); }},
    };
    const auto found = calls.find(call);
    return found == calls.end() ? "no such call" : found->second();
  }

 private:
  void prepare_stream(const std::string& state) {
    if (state == "connecting" || state == "refused") {
      fd_ = connect({TwoHosts::kServer, static_cast<std::uint16_t>(81)});
      if (state == "refused") net.settle();
      return;
    }
    const bool has_peer =
        state == "connected" || state == "peer closed" || state == "write shut" || state == "reset";
    if (!has_peer) {
      fd_ = open(net.c());
      if (state == "bound" || state == "listening") net.c().bind(fd_, {{}, 5000});
      if (state == "listening") net.c().listen(fd_, 5, now());
      return;
    }
    const Pair pair = establish();
    fd_ = pair.client;
    if (state == "peer closed") net.s().close(pair.server, now());
    if (state == "write shut") net.c().shutdown(fd_, How::write, now());
    if (state == "reset") {
      net.s().set_option(pair.server, Option::linger, Duration::zero(), now());
      net.s().close(pair.server, now());
    }
    net.settle();
  }
  void prepare_datagram(const std::string& state) {
    fd_ = open(net.c(), Type::datagram);
    if (state == "bound") net.c().bind(fd_, {{}, 5000});
    if (state != "connected" && state != "write shut" && state != "refused") return;
    net.c().connect(fd_, {TwoHosts::kServer, 53}, now());
    if (state == "write shut") net.c().shutdown(fd_, How::write, now());
    if (state == "refused") {
      net.c().send(fd_, as_bytes("x"), now());
      net.settle();
    }
  }

  Type type_;
  Fd fd_ = -1;
};

void check_table(const std::string& name, Type type) {
  const std::vector<std::string> lines = section(name);
  ASSERT_GT(lines.size(), 10U) << name;
  const std::vector<std::string> states = cells(lines[0]);
  for (std::size_t row = 2; row < lines.size(); ++row) {
    const std::vector<std::string> expected = cells(lines[row]);
    ASSERT_EQ(expected.size(), states.size()) << lines[row];
    for (std::size_t column = 1; column < states.size(); ++column) {
      Cell cell(type);
      cell.prepare(states[column]);
      EXPECT_EQ(cell.act(expected[0]), expected[column])
          << expected[0] << " of a " << name << " socket that is " << states[column];
    }
  }
}

TEST(SocketErrors, OfStreamsAreAsDocumented) { check_table("streams", Type::stream); }
TEST(SocketErrors, OfDatagramSocketsAreAsDocumented) { check_table("datagrams", Type::datagram); }

// The option table of the page, from the option table of the code.
std::vector<std::string> option_lines() {
  std::vector<std::string> lines{"| option | word | value | sockets | source | meaning |",
                                 "|--|--|--|--|--|--|"};
  const auto value_text = [](const OptionRow& row) -> std::string {
    const auto range = [&] { return std::to_string(row.low) + " to " + std::to_string(row.high); };
    switch (row.kind) {
      case ValueKind::flag:
        return "on, off";
      case ValueKind::integer:
        return range();
      case ValueKind::bytes:
        return range() + " octets";
      case ValueKind::duration:
        return "time";
      case ValueKind::linger:
        return "time, off";
      case ValueKind::mtu_discovery:
        return "dont, want, do, probe";
      case ValueKind::text:
        return "name";
      case ValueKind::octets:
        return "octets";
      case ValueKind::error:
        return "error";
      case ValueKind::info:
        return "figures";
    }
    return "";
  };
  constexpr std::array kTypes{"stream", "datagram", "echo"};
  for (const OptionRow& row : option_table()) {
    std::string sockets;
    for (std::size_t type = 0; type < kTypes.size(); ++type) {
      if ((row.types >> type & 1U) == 0) continue;
      sockets += (sockets.empty() ? "" : ", ") + std::string(kTypes[type]);
    }
    if (sockets == "stream, datagram, echo") sockets = "all";
    std::string access;
    if (row.access == OptionAccess::get) access = "; read only";
    if (row.access == OptionAccess::none) access = "; not there";
    lines.push_back("| " + std::string(row.name) + " | " + std::string(row.word) + " | " +
                    value_text(row) + access + " | " + sockets + " | " + std::string(row.source) +
                    " | " + std::string(row.meaning) + " |");
  }
  return lines;
}

TEST(SocketOptions, AreAsDocumented) {
  const std::vector<std::string> expected = option_lines();
  std::string text;
  for (const std::string& line : expected) text += line + "\n";

  EXPECT_EQ(section("options"), expected) << "docs/sockets.md should say between its markers:\n"
                                          << text;
}

}  // namespace
}  // namespace strata::socket
