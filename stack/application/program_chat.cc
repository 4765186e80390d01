// SPDX-License-Identifier: MIT
// `chat`: every peer is client and server at once. It connects to the peers it is told of, accepts
// those who connect to it, and says its lines on every connection.
#include <fmt/format.h>

#include <array>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

constexpr std::size_t kLineMax = 1024;

// Cuts a stream into lines; one that does not end is handed out in pieces of kLineMax.
class LineSplitter {
 public:
  void add(Bytes octets) { pending_ += as_text(octets); }
  std::optional<std::string> next() {
    const std::size_t end = pending_.find('\n');
    if (end == std::string::npos && pending_.size() < kLineMax) return std::nullopt;
    const std::size_t size = std::min(end, kLineMax);
    std::string line = pending_.substr(0, size);
    pending_.erase(0, size + (end == size ? 1 : 0));
    return line;
  }

 private:
  std::string pending_;
};

// Takes what has arrived and prints its lines. False at the end of the stream.
bool hear(Process process, socket::Fd fd, LineSplitter& lines) {
  std::array<std::uint8_t, 4096> buffer;
  while (process.readiness(fd).readable) {
    const Result<std::size_t> octets = process.try_recv(fd, buffer);
    if (!octets && octets.error() == Errc::would_block) return true;
    if (!octets) process.fail("recv", octets.error());
    if (!octets || *octets == 0) return false;
    lines.add(Bytes(buffer).first(*octets));
    while (const auto line = lines.next()) {
      process.count("received");
      process.print(*line);
    }
  }
  return true;
}

// Talks and listens on one connection: says each line at its time, prints what comes meanwhile.
Task<void> converse(Process process, socket::Fd fd, Arguments arguments) {
  LineSplitter heard;
  const std::int64_t lines = arguments.integer("lines");
  const Duration interval = arguments.duration("interval");
  std::int64_t said = 0;
  bool may_talk = true;
  bool may_hear = true;
  Instant next = process.now();
  while (may_talk || may_hear) {
    if (may_talk && said == lines) {
      (void)process.shutdown(fd, socket::How::write);
      may_talk = false;
    } else if (may_talk && process.now() >= next) {
      ++said;
      next = after(process.now(), interval);
      std::string line = fmt::format("{}: {} {}\n", process.name(), arguments.text("say"), said);
      const Result<std::size_t> sent = co_await process.send(fd, std::move(line));
      if (sent) process.count("sent");
      if (!sent) process.fail("send", sent.error());
      may_talk = sent.has_value();
    } else if (may_hear) {
      const Instant deadline = may_talk ? next : kNever;
      co_await process.wait_readable(fd, deadline);
      may_hear = hear(process, fd, heard);
    } else {
      co_await process.sleep_until(next);
    }
  }
  co_await process.close(fd);
}

Task<void> call_peer(Process process, std::string peer, Arguments arguments) {
  const Result<Endpoint> remote = process.resolve_endpoint(peer);
  if (!remote) process.fail(peer, remote.error());
  if (!remote) co_return;
  const Result<socket::Fd> fd = co_await open_client(process, socket::Type::stream, *remote);
  if (!fd) co_return;
  process.count("peers");
  co_await converse(process, *fd, arguments);
}

Task<void> run_chat(Process process, Arguments arguments) {
  const Result<socket::Fd> listener =
      open_server(process, socket::Type::stream, arguments.integer("listen"));
  if (!listener) co_return;
  process.count("received", 0);
  const std::vector<std::string> peers =
      split_list(arguments.has("peers") ? arguments.text("peers") : "");
  for (const std::string& peer : peers) process.spawn(call_peer(process, peer, arguments));
  for (;;) {
    const socket::Fd connection = co_await next_connection(process, *listener);
    process.count("peers");
    process.spawn(converse(process, connection, arguments));
  }
}

constexpr std::array kChatParameters{
    Parameter{"listen", ParameterKind::port, true, "", "The port on which peers may call."},
    Parameter{"peers", ParameterKind::endpoints, false, "",
              "Whom to call: 'bob:5000, carol:5000'."},
    Parameter{"say", ParameterKind::text, false, "hello", "What to say; a number follows."},
    Parameter{"lines", ParameterKind::count, false, "3", "How many lines to say to each peer."},
    Parameter{"interval", ParameterKind::duration, false, "1 s", "From line to line."},
};

}  // namespace

constexpr Program kChat{"chat", "Exchanges lines with several peers, as client and as server.",
                        kChatParameters, run_chat, "sent received peers"};

}  // namespace strata::application
