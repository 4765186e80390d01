// SPDX-License-Identifier: MIT
#include "stack/application/program_support.h"

#include <fmt/format.h>

#include <algorithm>

#include "stack/base/assert.h"

namespace strata::application {

Result<socket::Fd> open_server(Process process, socket::Type type, std::int64_t port) {
  const Result<socket::Fd> fd = process.socket(type);
  if (!fd) {
    process.fail("socket", fd.error());
    return fd;
  }
  if (type == socket::Type::stream) {
    // As servers do, so that a restart need not wait for the TIME-WAIT of old connections.
    (void)process.set_option(*fd, socket::Option::reuse_address, true);
  }
  const Result<void> bound = process.bind(*fd, Endpoint{.port = static_cast<std::uint16_t>(port)});
  if (!bound) {
    process.fail("bind", bound.error());
    return unexpected(bound.error());
  }
  if (type != socket::Type::stream) return fd;
  const Result<void> listening = process.listen(*fd, kBacklog);
  if (!listening) {
    process.fail("listen", listening.error());
    return unexpected(listening.error());
  }
  return fd;
}

socket::Type protocol_argument(const Arguments& arguments) {
  return arguments.text("protocol") == "udp" ? socket::Type::datagram : socket::Type::stream;
}

Result<Endpoint> endpoint_argument(Process process, const Arguments& arguments,
                                   const std::string& name) {
  const Result<Endpoint> endpoint = process.resolve_endpoint(arguments.text(name));
  if (!endpoint) process.fail(arguments.text(name), endpoint.error());
  return endpoint;
}

Task<Result<socket::Fd>> open_client(Process process, socket::Type type, Endpoint remote) {
  const Result<socket::Fd> fd = process.socket(type);
  if (!fd) {
    process.fail("socket", fd.error());
    co_return fd;
  }
  const Result<void> connected = co_await process.connect(*fd, remote);
  if (!connected) {
    process.fail("connect to " + to_text(remote), connected.error());
    co_await process.close(*fd);
    co_return unexpected(connected.error());
  }
  co_return fd;
}

Task<socket::Fd> next_connection(Process process, socket::Fd listener) {
  constexpr Duration kPause = 100ms;
  for (;;) {
    const Result<socket::Fd> connection = co_await process.accept(listener);
    if (connection) co_return *connection;
    process.fail("accept", connection.error());
    co_await process.sleep(kPause);
  }
}

Task<void> finish_stream(Process process, socket::Fd fd) {
  std::vector<std::uint8_t> buffer(4096);
  (void)process.shutdown(fd, socket::How::write);
  for (;;) {
    const Result<std::size_t> octets = co_await process.recv_into(fd, buffer);
    if (octets && *octets > 0) continue;
    if (!octets) process.fail("recv", octets.error());
    break;
  }
  co_await process.close(fd);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> elements;
  constexpr std::string_view kSeparators = ", \t";
  std::size_t start = text.find_first_not_of(kSeparators);
  while (start != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kSeparators, start), text.size());
    elements.emplace_back(text.substr(start, end - start));
    start = text.find_first_not_of(kSeparators, end);
  }
  return elements;
}

StaticBytes pattern_piece(std::uint64_t offset, std::size_t size) {
  static const std::vector<std::uint8_t> pattern = [] {
    std::vector<std::uint8_t> octets(kPatternPieceMost + kPatternPeriod);
    fill_pattern(octets, 0);
    return octets;
  }();
  return {Bytes{pattern}.subspan(offset % kPatternPeriod, size)};
}

void fill_pattern(MutableBytes into, std::uint64_t offset) {
  std::uint64_t value = offset % kPatternPeriod;
  for (std::uint8_t& octet : into) {
    octet = static_cast<std::uint8_t>(value);
    value = value + 1 == kPatternPeriod ? 0 : value + 1;
  }
}

std::size_t count_mismatches(Bytes data, std::uint64_t offset) {
  std::size_t mismatches = 0;
  std::uint64_t value = offset % kPatternPeriod;
  for (const std::uint8_t octet : data) {
    if (octet != value) ++mismatches;
    value = value + 1 == kPatternPeriod ? 0 : value + 1;
  }
  return mismatches;
}

std::string three_decimals(Duration duration) {
  const std::int64_t us = duration.count() / 1'000;
  return fmt::format("{}.{:03}", us / 1'000, us % 1'000);
}

std::string ping_milliseconds(Duration duration) {
  const std::int64_t us = duration.count() / 1'000;
  if (us >= 99'950) return std::to_string((us + 500) / 1'000);
  if (us >= 9'995) return fmt::format("{}.{}", (us + 50) / 1'000, (us + 50) % 1'000 / 100);
  if (us >= 1'000) return fmt::format("{}.{:02}", (us + 5) / 1'000, (us + 5) % 1'000 / 10);
  return fmt::format("0.{:03}", us);
}

// ---- DurationFigures ---------------------------------------------------------------------------

void DurationFigures::add(Duration sample) {
  min_ = count_ == 0 ? sample : std::min(min_, sample);
  max_ = std::max(max_, sample);
  ++count_;
  sum_ += sample;
  deviation_sum_ += sample < average() ? average() - sample : sample - average();
}

void DurationFigures::publish(Process process, const std::string& name) const {
  if (count_ == 0) return;
  process.set_figure(name + "-min", min_.count());
  process.set_figure(name + "-average", average().count());
  process.set_figure(name + "-max", max_.count());
}

// ---- datagrams ---------------------------------------------------------------------------------

void Stamp::store(MutableBytes into) const {
  STRATA_ASSERT(into.size() >= kBytes);
  store_be64(into.data(), sequence);
  store_be64(into.data() + 8, static_cast<std::uint64_t>(sent.time_since_epoch().count()));
}

std::optional<Stamp> Stamp::load(Bytes from) {
  if (from.size() < kBytes) return std::nullopt;
  const std::uint64_t sequence = load_be64(from.data());
  const std::uint64_t since_start = load_be64(from.data() + 8);
  constexpr std::uint64_t kMax = std::uint64_t{1} << 62;  // nobody of ours comes near
  if (sequence > kMax || since_start > kMax) return std::nullopt;
  return Stamp{.sequence = sequence,
               .sent = Instant(Duration(static_cast<std::int64_t>(since_start)))};
}

SequenceTracker::Verdict SequenceTracker::add(std::uint64_t sequence) {
  if (sequence >= next_) {
    const std::uint64_t skipped = sequence - next_;
    lost_ += skipped;
    if (skipped >= kWindow) {
      seen_.reset();
    } else {
      for (std::uint64_t number = next_; number < sequence; ++number) seen_.reset(number % kWindow);
    }
    seen_.set(sequence % kWindow);
    next_ = sequence + 1;
    return Verdict::in_order;
  }
  const bool is_in_window = next_ - sequence <= kWindow;
  if (!is_in_window || seen_.test(sequence % kWindow)) {
    ++duplicates_;
    return Verdict::duplicate;
  }
  seen_.set(sequence % kWindow);
  --lost_;
  ++reordered_;
  return Verdict::late;
}

// ---- Pacer -------------------------------------------------------------------------------------

namespace {
constexpr std::int64_t kBitNanoseconds = 8'000'000'000;  // per octet at 1 bit/s
}

Pacer::Pacer(Instant start, std::size_t bytes, std::int64_t bits_per_second)
    : next_(start),
      whole_ns_(static_cast<std::int64_t>(bytes) * kBitNanoseconds / bits_per_second),
      remainder_(static_cast<std::int64_t>(bytes) * kBitNanoseconds % bits_per_second),
      rate_(bits_per_second) {}

void Pacer::advance() {
  next_ += Duration(whole_ns_);
  carried_ += remainder_;
  if (carried_ >= rate_) {
    carried_ -= rate_;
    next_ += Duration(1);
  }
}

}  // namespace strata::application
