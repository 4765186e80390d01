// SPDX-License-Identifier: MIT
// Bulk transfer over TCP: `bulk` sends, `sink` receives and counts. Neither allocates memory per
// call: both move large pieces through one buffer.
#include <algorithm>
#include <array>

#include "stack/application/program_support.h"
#include "stack/base/uint128.h"

namespace strata::application {
namespace {

// Octets in a time as bits per second; zero where no time has passed.
std::int64_t bit_rate(std::int64_t bytes, Duration elapsed) {
  if (elapsed <= Duration::zero()) return 0;
  constexpr Uint128 kBitNanoseconds = 8'000'000'000;
  return static_cast<std::int64_t>(static_cast<Uint128>(bytes) * kBitNanoseconds /
                                   static_cast<Uint128>(elapsed.count()));
}

// Sends until all octets are sent, the time is over, or an error.
Task<void> send_pattern(Process process, socket::Fd fd, std::int64_t bytes, Instant until) {
  Counter sent = process.counter("sent");
  std::int64_t offset = 0;
  while (offset < bytes && process.now() < until) {
    const auto size =
        static_cast<std::size_t>(std::min<std::int64_t>(bytes - offset, kPatternPieceMost));
    const StaticBytes piece = pattern_piece(static_cast<std::uint64_t>(offset), size);
    const Result<std::size_t> result = co_await process.send_static(fd, piece);
    if (!result) {
      process.fail("send", result.error());
      break;
    }
    offset += static_cast<std::int64_t>(size);
    sent.add(static_cast<std::int64_t>(size));
  }
}

Task<void> run_bulk(Process process, Arguments arguments) {
  const Result<Endpoint> to = endpoint_argument(process, arguments, "to");
  if (!to) co_return;
  const Instant start = process.now();
  const Result<socket::Fd> fd = co_await open_client(process, socket::Type::stream, *to);
  if (!fd) co_return;
  const bool is_timed = arguments.has("for");
  const std::int64_t bytes = is_timed ? INT64_MAX : arguments.integer("bytes");
  const Instant until = is_timed ? after(process.now(), arguments.duration("for")) : kNever;
  co_await send_pattern(process, *fd, bytes, until);
  co_await finish_stream(process, *fd);
  const Duration elapsed = process.now() - start;
  process.set_figure("duration", elapsed.count());
  process.set_figure("rate", bit_rate(process.counter("sent").value(), elapsed));
}

constexpr std::array kBulkParameters{
    Parameter{"to", ParameterKind::endpoint, true, "", "Where to send."},
    Parameter{"bytes", ParameterKind::bytes, false, "1 MB", "How much to send."},
    Parameter{"for", ParameterKind::duration, false, "",
              "How long to send as fast as possible, instead of a number of bytes."},
};

Task<void> receive_all(Process process, socket::Fd fd, bool verifies) {
  // Not zeroed: of most buffers only the beginning is ever used.
  const auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(kPatternPieceMost);
  const MutableBytes buffer(memory.get(), kPatternPieceMost);
  Counter received = process.counter("received");
  std::uint64_t offset = 0;
  for (;;) {
    const Result<std::size_t> octets = co_await process.recv_into(fd, buffer);
    if (!octets) process.fail("recv", octets.error());
    if (!octets || *octets == 0) break;
    if (verifies) {
      const std::size_t wrong = count_mismatches(buffer.first(*octets), offset);
      process.count("mismatches", static_cast<std::int64_t>(wrong));
    }
    offset += *octets;
    received.add(static_cast<std::int64_t>(*octets));
  }
  process.set_figure("finished-at", process.now().time_since_epoch().count());
  co_await process.close(fd);
}

Task<void> run_sink(Process process, Arguments arguments) {
  const Result<socket::Fd> listener =
      open_server(process, socket::Type::stream, arguments.integer("listen"));
  if (!listener) co_return;
  const bool verifies = arguments.boolean("verify");
  process.count("received", 0);
  if (verifies) process.count("mismatches", 0);
  const std::int64_t connections = arguments.integer("connections");
  for (std::int64_t i = 0; connections == 0 || i < connections; ++i) {
    const socket::Fd connection = co_await next_connection(process, *listener);
    process.count("connections");
    process.spawn(receive_all(process, connection, verifies));
  }
  co_await process.close(*listener);
}

constexpr std::array kSinkParameters{
    Parameter{"listen", ParameterKind::port, true, "", "The port."},
    Parameter{"verify", ParameterKind::boolean, false, "false",
              "Whether to check that what arrives is what 'bulk' sends."},
    Parameter{"connections", ParameterKind::count, false, "0",
              "Ends after so many connections; 0: never."},
};

}  // namespace

constexpr Program kBulk{"bulk", "Sends octets over TCP as fast as the connection takes them.",
                        kBulkParameters, run_bulk, "sent duration rate"};
constexpr Program kSink{"sink", "Accepts TCP connections, reads them to the end and counts.",
                        kSinkParameters, run_sink, "received mismatches connections finished-at"};

}  // namespace strata::application
