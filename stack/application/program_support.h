// SPDX-License-Identifier: MIT
// What several programs need: sockets opened the usual way, figures of durations, sequence numbers
// with time stamps in datagrams, constant rates, lists in one argument.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/application/program.h"

namespace strata::application {

// The parameter tables of the programs, one per file; program.cc lists them.
extern const Program kBulk;
extern const Program kCall;
extern const Program kCalls;
extern const Program kChat;
extern const Program kDiscardServer;
extern const Program kEchoClient;
extern const Program kEchoServer;
extern const Program kGame;
extern const Program kHttpClient;
extern const Program kHttpServer;
extern const Program kMessageReader;
extern const Program kMessageWriter;
extern const Program kPing;
extern const Program kQueryClient;
extern const Program kQueryServer;
extern const Program kSink;
extern const Program kSlowReader;
extern const Program kTraceroute;
extern const Program kUdpSink;
extern const Program kUdpSource;

inline constexpr int kBacklog = 128;
inline constexpr std::size_t kDatagramMax = 65'507;  // octets of text in a UDP datagram over IPv4
inline constexpr std::int64_t kAtOnceMost = 100'000'000;  // octets in one buffer of a program

// socket(), bind() to *:port and, for a stream, listen(). A failure is the process's failure.
Result<socket::Fd> open_server(Process process, socket::Type type, std::int64_t port);
// The type of socket that the argument `protocol` asks for.
socket::Type protocol_argument(const Arguments& arguments);
// The endpoint an argument names; a failure is the process's.
Result<Endpoint> endpoint_argument(Process process, const Arguments& arguments,
                                   const std::string& name);
// socket() and connect(). A failure is the process's failure.
Task<Result<socket::Fd>> open_client(Process process, socket::Type type, Endpoint remote);
// accept(). A failure (too many descriptors) is the process's, which tries again after a while.
Task<socket::Fd> next_connection(Process process, socket::Fd listener);
// shutdown(write), reads to the end of the peer's stream, closes.
Task<void> finish_stream(Process process, socket::Fd fd);

// The elements of "a, b c": separated by commas or blanks.
std::vector<std::string> split_list(std::string_view text);

// Octets 0, 1, 2, ... modulo 251, a prime, so that no octet lines up with a power of two.
inline constexpr std::uint64_t kPatternPeriod = 251;
// The pattern from stream offset `offset` on, `size` octets of it, at most kPatternPieceMost. All
// senders share one copy: a thousand of them keep it in the caches.
inline constexpr std::size_t kPatternPieceMost = 65'536;
StaticBytes pattern_piece(std::uint64_t offset, std::size_t size);
// Fills `into` with the pattern from stream offset `offset` on.
void fill_pattern(MutableBytes into, std::uint64_t offset);
// How many octets of `data`, found at stream offset `offset`, differ from the pattern.
std::size_t count_mismatches(Bytes data, std::uint64_t offset);

// Milliseconds with three decimals: "20.143".
std::string three_decimals(Duration duration);
// As ping(8) writes a time in ms: three significant digits, none after the point from 100 on.
std::string ping_milliseconds(Duration duration);

// Smallest, mean, largest and mean deviation of durations.
class DurationFigures {
 public:
  void add(Duration sample);
  std::int64_t count() const { return count_; }
  Duration min() const { return min_; }
  Duration max() const { return max_; }
  Duration average() const { return count_ == 0 ? Duration{} : sum_ / count_; }
  // Mean of the absolute differences from the running mean.
  Duration deviation() const { return count_ == 0 ? Duration{} : deviation_sum_ / count_; }
  // Figures NAME-min, NAME-average and NAME-max, once there is a sample.
  void publish(Process process, const std::string& name) const;

 private:
  std::int64_t count_ = 0;
  Duration min_{};
  Duration max_{};
  Duration sum_{};
  Duration deviation_sum_{};
};

// The first octets of a datagram: which one it is and when it was sent.
struct Stamp {
  static constexpr std::size_t kBytes = 16;
  std::uint64_t sequence = 0;
  Instant sent;

  void store(MutableBytes into) const;  // requires kBytes
  // Nullopt: too short, or numbers that no program here has written.
  static std::optional<Stamp> load(Bytes from);
};

// Judges the sequence numbers of datagrams as they arrive.
class SequenceTracker {
 public:
  enum class Verdict : std::uint8_t { in_order, late, duplicate };
  Verdict add(std::uint64_t sequence);

  std::uint64_t lost() const { return lost_; }  // skipped, and not arrived since
  std::uint64_t reordered() const { return reordered_; }
  std::uint64_t duplicates() const { return duplicates_; }

 private:
  static constexpr std::size_t kWindow = 1024;

  std::uint64_t next_ = 0;  // one above the highest seen
  std::uint64_t lost_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint64_t duplicates_ = 0;
  std::bitset<kWindow> seen_;  // of the last kWindow numbers, by number modulo kWindow
};

// Instants of a constant bit rate, exact in the long run.
class Pacer {
 public:
  // Requires bits_per_second > 0.
  Pacer(Instant start, std::size_t bytes, std::int64_t bits_per_second);
  Instant next() const { return next_; }
  void advance();

 private:
  Instant next_;
  std::int64_t whole_ns_;
  std::int64_t remainder_;
  std::int64_t rate_;
  std::int64_t carried_ = 0;
};

}  // namespace strata::application
