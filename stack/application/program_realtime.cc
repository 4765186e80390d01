// SPDX-License-Identifier: MIT
// Programs to which late is lost: `game` (both sides send their state at a tick; only the newest
// state counts) and `call` (voice at a constant bit rate, played after a fixed delay). Latencies
// are measured with the sender's stamps: right where both ends share a clock, as in simulation.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

constexpr std::int64_t kIntervalLeast = Duration(1us).count();

// Sends a stamped datagram of `size` octets every `interval` until `until`.
Task<void> send_regularly(Process process, socket::Fd fd, Endpoint to, std::size_t size,
                          Duration interval, Instant until) {
  std::vector<std::uint8_t> datagram(size);
  Counter sent = process.counter("sent");
  Stamp stamp;
  for (Instant tick = process.now(); tick < until; tick = after(tick, interval)) {
    if (tick > process.now()) {
      co_await process.sleep_until(tick);
    }
    stamp.sent = process.now();
    stamp.store(datagram);
    ++stamp.sequence;
    const Result<std::size_t> result = co_await process.sendto_from(fd, datagram, to);
    if (!result) {
      process.fail("sendto", result.error());
      continue;
    }
    sent.add();
  }
}

struct Party {
  socket::Fd fd{};
  Instant until;  // no longer it sends
};

// Opens the socket, and starts sending where an argument `to` says whither. Nullopt: the process
// has failed.
std::optional<Party> join(Process process, const Arguments& arguments) {
  const Result<socket::Fd> fd =
      open_server(process, socket::Type::datagram, arguments.integer("listen"));
  if (!fd) return std::nullopt;
  const Party party{.fd = *fd, .until = after(process.now(), arguments.duration("for"))};
  if (!arguments.has("to")) return party;
  const Result<Endpoint> to = endpoint_argument(process, arguments, "to");
  if (!to) return std::nullopt;
  process.spawn(send_regularly(process, party.fd, *to,
                               static_cast<std::size_t>(arguments.integer("size")),
                               arguments.duration("interval"), party.until));
  return party;
}

// Counts what arrives until `end`, and gives `take` each stamp.
Task<void> receive_stamps(Process process, socket::Fd fd, Instant end,
                          std::function<void(const Stamp&)> take) {
  std::vector<std::uint8_t> buffer(kDatagramMax);
  Counter received = process.counter("received");
  for (;;) {
    const Result<socket::Received> datagram = co_await process.recvfrom_into(fd, buffer, end);
    if (!datagram && datagram.error() == Errc::timed_out) break;
    if (!datagram) {
      process.fail("recvfrom", datagram.error());
      continue;
    }
    const auto stamp = Stamp::load(Bytes(buffer).first(datagram->bytes));
    if (!stamp || stamp->sent > process.now()) continue;
    received.add();
    take(*stamp);
  }
}

// ---- game --------------------------------------------------------------------------------------

Task<void> run_game(Process process, Arguments arguments) {
  const std::optional<Party> party = join(process, arguments);
  if (!party) co_return;
  Counter stale = process.counter("stale");
  Counter freshest_age = process.counter("staleness-max");
  DurationFigures latency;
  std::optional<Stamp> newest;
  std::uint64_t newer = 0;
  const auto take = [&](const Stamp& stamp) {
    latency.add(process.now() - stamp.sent);
    if (newest && stamp.sequence <= newest->sequence) {
      stale.add();  // a newer state is known: useless
      return;
    }
    // How old the known state had become before this one replaced it.
    if (newest) freshest_age.raise_to((process.now() - newest->sent).count());
    newest = stamp;
    ++newer;
    process.set_figure("lost", static_cast<std::int64_t>(stamp.sequence + 1 - newer));
  };
  // What is under way when the game ends still counts.
  co_await receive_stamps(process, party->fd, after(party->until, 1s), take);
  latency.publish(process, "latency");
  co_await process.close(party->fd);
}

constexpr std::array kGameParameters{
    Parameter{"listen", ParameterKind::port, true, "", "The port on which states arrive."},
    Parameter{"to", ParameterKind::endpoint, false, "", "The other player; without, only watches."},
    Parameter{"interval", ParameterKind::duration, false, "50 ms", "The tick: from state to state."}
        .range(kIntervalLeast, INT64_MAX),
    Parameter{"size", ParameterKind::bytes, false, "64 B", "One state, at least 16 octets."}.range(
        Stamp::kBytes, kDatagramMax),
    Parameter{"for", ParameterKind::duration, false, "10 s", "How long the game lasts."},
};

// ---- call --------------------------------------------------------------------------------------

// When each voice frame must be there: a fixed delay behind the first that arrived.
class Playout {
 public:
  Playout(Duration interval, Duration delay) : interval_(interval), delay_(delay) {}

  // Whether frame `sequence`, arrived `now`, is there in time.
  bool is_in_time(std::uint64_t sequence, Instant now) {
    constexpr std::uint64_t kFramesMax = 1 << 24;  // days of voice; more is no frame of ours
    if (sequence > kFramesMax) return false;
    const Duration position = static_cast<std::int64_t>(sequence) * interval_;
    if (!origin_) origin_ = now - position + delay_;
    return now <= *origin_ + position;
  }

 private:
  Duration interval_;
  Duration delay_;
  std::optional<Instant> origin_;  // when frame 0 is played
};

// RFC 3550 6.4.1: the smoothed difference of transit times, a sixteenth of each new one.
class Jitter {
 public:
  void add(Duration transit) {
    if (last_) {
      const Duration difference = transit < *last_ ? *last_ - transit : transit - *last_;
      value_ += (difference - value_) / 16;
    }
    last_ = transit;
  }
  Duration value() const { return value_; }

 private:
  std::optional<Duration> last_;
  Duration value_{};
};

Task<void> run_call(Process process, Arguments arguments) {
  const std::optional<Party> party = join(process, arguments);
  if (!party) co_return;
  Counter played = process.counter("played");
  Counter late = process.counter("late");
  Counter lost = process.counter("lost");
  Playout playout(arguments.duration("interval"), arguments.duration("playout-delay"));
  SequenceTracker frames;
  Jitter jitter;
  DurationFigures latency;
  const auto take = [&](const Stamp& stamp) {
    const SequenceTracker::Verdict verdict = frames.add(stamp.sequence);
    lost.set(static_cast<std::int64_t>(frames.lost()));
    if (verdict == SequenceTracker::Verdict::duplicate) return;
    const Duration transit = process.now() - stamp.sent;
    latency.add(transit);
    jitter.add(transit);
    (playout.is_in_time(stamp.sequence, process.now()) ? played : late).add();
  };
  const Instant last_played = after(party->until, arguments.duration("playout-delay"));
  co_await receive_stamps(process, party->fd, after(last_played, 1s), take);
  latency.publish(process, "latency");
  process.set_figure("jitter", jitter.value().count());
  co_await process.close(party->fd);
}

constexpr std::array kCallParameters{
    Parameter{"listen", ParameterKind::port, true, "", "The port on which voice arrives."},
    Parameter{"to", ParameterKind::endpoint, false, "", "The other party; without, only listens."},
    Parameter{"interval", ParameterKind::duration, false, "20 ms", "The voice in one datagram."}
        .range(kIntervalLeast, INT64_MAX),
    Parameter{"size", ParameterKind::bytes, false, "160 B",
              "One datagram's voice: 160 octets are 20 ms at 64 kbit/s (G.711)."}
        .range(Stamp::kBytes, kDatagramMax),
    Parameter{"for", ParameterKind::duration, false, "10 s", "How long the call lasts."},
    Parameter{"playout-delay", ParameterKind::duration, false, "60 ms",
              "How long the first datagram is held back before it is played."},
};

}  // namespace

constexpr Program kGame{
    "game", "Exchanges small states at a tick; only the newest counts.", kGameParameters, run_game,
    "sent received lost stale staleness-max latency-min latency-average latency-max"};
constexpr Program kCall{
    "call", "A voice call: frames that come too late are not played.", kCallParameters, run_call,
    "sent received played late lost jitter latency-min latency-average latency-max"};

}  // namespace strata::application
