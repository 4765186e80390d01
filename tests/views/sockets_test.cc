// SPDX-License-Identifier: MIT
#include "tools/views/sockets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tools/views/demux.h"

namespace strata::views {
namespace {

using testing::HasSubstr;

analysis::HostSockets server() {
  analysis::HostSockets host{
      .host = "server", .addresses = {*Prefix::parse("10.0.2.20/24")}, .sockets = {}};
  socket::SocketInfo listener;
  listener.fd = 3;
  listener.process = "echo-server";
  listener.type = socket::Type::stream;
  listener.state = "LISTEN";
  listener.local.port = 80;
  listener.send_queue = 8;
  host.sockets.push_back(listener);
  socket::SocketInfo connection = listener;
  connection.fd = 5;
  connection.state = "ESTABLISHED";
  connection.local = {.address = *IpAddress::parse("10.0.2.20"), .port = 80};
  connection.remote = {.address = *IpAddress::parse("10.0.1.10"), .port = 40000};
  connection.receive_queue = 7;
  connection.send_queue = 0;
  connection.tcp.emplace();
  connection.tcp->cwnd = 14600;
  host.sockets.push_back(connection);
  return host;
}

TEST(Sockets, FitTheTerminalAndShowEverySocket) {
  for (const std::size_t width : {60U, 80U, 100U, 140U}) {
    const Options options{.width = width};
    const std::string text = sockets({server()}, kStart + 22ms, options).render(options);
    for (const std::string& line : test::split_lines(text)) EXPECT_LE(columns(line), width);
    EXPECT_THAT(text, HasSubstr("*:80"));
    EXPECT_THAT(text, HasSubstr("LISTEN"));
    EXPECT_THAT(text, HasSubstr("10.0.2.20:80"));
    EXPECT_THAT(text, HasSubstr("10.0.1.10:40000"));
  }
}

TEST(Sockets, ShowTheBacklogOfAListenerAndTheWindowOfAConnection) {
  const std::string text = sockets({server()}, kStart, {.width = 140}).render({.width = 140});
  EXPECT_THAT(text, HasSubstr("0/8"));
  EXPECT_THAT(text, HasSubstr("14600"));
}

TEST(Sockets, OfAHostWithoutAnySaySo) {
  analysis::HostSockets host;
  host.host = "idle";
  EXPECT_THAT(sockets({host}, kStart, {}).render({}), HasSubstr("no sockets"));
}

TEST(Demux, NamesBothEndsAtEveryWidth) {
  const trace::Recording& recording = recording_of("transport/demultiplexing");
  for (const bool is_one : {false, true}) {
    for (const std::size_t width : {60U, 80U, 100U, 140U}) {
      SCOPED_TRACE(fmt::format("width {}", width));
      const Options options{.width = width};
      std::size_t missing = 0;
      const std::string all = demux_all(recording, kNoNode, options).render(options);
      for (const Event& event : recording.events()) {
        const auto* found = std::get_if<Demultiplexed>(&event.body);
        if (found == nullptr) continue;
        const Page page = is_one ? demux(recording, event.uid, options) : Page{};
        EXPECT_LE(page.columns(), width);
        const std::string text = is_one ? page.render(options) : all;
        missing += text.find(to_text(found->local)) == std::string::npos ? 1U : 0U;
        missing += text.find(to_text(found->remote)) == std::string::npos ? 1U : 0U;
      }
      EXPECT_EQ(missing, 0U) << all;
    }
  }
}

}  // namespace
}  // namespace strata::views
