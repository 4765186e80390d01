// SPDX-License-Identifier: MIT
#include "sim/packetdrill/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "sim/packetdrill/age.h"
#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/code.h"
#include "sim/packetdrill/flows.h"
#include "sim/packetdrill/host_marks.h"
#include "sim/packetdrill/info_names.h"
#include "sim/packetdrill/machine.h"
#include "sim/packetdrill/packets.h"
#include "sim/packetdrill/settings.h"
#include "sim/packetdrill/symbols.h"
#include "stack/transport/fast_open.h"

namespace strata::packetdrill {
namespace {

constexpr Duration kPatience{1h};  // how long '*' and a call without an end wait
constexpr std::uint8_t kTimestamps = static_cast<std::uint8_t>(wire::TcpOptionKind::timestamps);

std::string seconds(Instant instant) {
  return fmt::format("{:.6f}", static_cast<double>((instant - kStart).count()) / 1e9);
}

// Of the sent packet only what the script looks at, so that both lines can be compared.
PacketSpec shown(PacketSpec actual, const PacketSpec& expected) {
  if (!expected.ip.ecn && !expected.ip.any_ect) actual.ip.ecn.reset();
  if (!expected.ip.tos) actual.ip.tos.reset();
  if (!expected.ip.ttl) actual.ip.ttl.reset();
  if (!expected.ports) actual.ports.reset();
  return actual;
}

class Runner {
 public:
  Runner(const Script& script, Settings settings, const RunOptions& options)
      : script_(script),
        options_(options),
        settings_(std::move(settings)),
        machine_(settings_.machine),
        flows_(settings_.machine.local, settings_.remote),
        calls_(machine_, flows_, settings_) {
    for (const Watch& watch : options.watches) {
      machine_.tracer().attach(*watch.observer, watch.wanted);
    }
  }

  Report run() {
    report_.events = script_.events.size();
    for (const Event& event : script_.events) {
      event_ = &event;
      const std::optional<Window> when = window(event.time);
      if (!perform(event, when)) break;
      said_ = when ? when->first : last_;
      calls_.observe();
    }
    if (report_.verdict == Verdict::passed) finish_call();
    report_.notes = std::move(settings_.notes);
    report_.over_ipv4 = settings_.stands_in_for_ipv6;
    if (!options_.watches.empty()) describe_run();
    return std::move(report_);
  }

 private:
  struct Window {  // of an event's time
    Instant first{};
    Instant last{};
  };
  struct PendingCall {
    const Event* event = nullptr;
    std::optional<Instant> ends;  // by the script
    Duration tolerance{};
  };

  bool fail(Verdict verdict, std::string problem, std::vector<std::string> details = {}) {
    if (report_.verdict != Verdict::passed) return false;
    report_.verdict = verdict;
    report_.at = event_->at;
    report_.problem = std::move(problem);
    report_.details = std::move(details);
    return false;
  }

  void describe_run() {
    report_.end = machine_.now();
    report_.directory = machine_.directory(settings_.remote);
    report_.cable = machine_.cable().metrics();
    report_.addresses = report_.directory.nodes.front().ports.front().addresses;
    report_.sockets.push_back({report_.end, machine_.sockets().table()});
  }
  // Nothing happens any more before `next`: the sockets are what they are at each instant until
  // then.
  void look_before(Instant next) {
    const std::vector<Instant>& times = options_.socket_times;
    while (looks_ < times.size() && times[looks_] < next) {
      report_.sockets.push_back({times[looks_++], machine_.sockets().table()});
    }
  }

  // When the event is to happen; nullopt: at any time.
  std::optional<Window> window(const EventTime& time) const {
    using Kind = EventTime::Kind;
    switch (time.kind) {
      case Kind::any:
        return std::nullopt;
      case Kind::absolute:
        return Window{kStart + time.at, kStart + time.at};
      case Kind::relative:
        return Window{after(last_, time.at), after(last_, time.at)};
      case Kind::absolute_range:
        return Window{kStart + time.at, kStart + time.until};
      case Kind::relative_range:
        return Window{after(last_, time.at), after(last_, time.until)};
    }
    return std::nullopt;
  }

  // By how much something that is to happen at `instant` may be off, the event before having been
  // said to happen at `before`.
  Duration tolerance(Instant instant, Instant before) const {
    const auto share = static_cast<double>((instant - before).count()) / 100;
    const Duration part{static_cast<std::int64_t>(share * settings_.tolerance_percent)};
    return std::max(settings_.tolerance, part);
  }

  bool perform(const Event& event, const std::optional<Window>& when) {
    if (when && when->last < last_ - settings_.tolerance) {
      return fail(Verdict::broken, "time runs backwards here",
                  {"an absolute time counts from the start; write +N for 'N later'"});
    }
    if (const auto* packet = std::get_if<PacketSpec>(&event.action);
        packet != nullptr && packet->direction == Direction::outbound) {
      return expect(*packet, when);
    }
    const Instant previous = last_;
    if (when) {
      last_ = std::max(last_, when->first);  // a packet may have been late, within the tolerance
      if (!advance(last_)) return false;
    }
    if (const auto* packet = std::get_if<PacketSpec>(&event.action)) return inject(*packet);
    if (const auto* call = std::get_if<Call>(&event.action)) return begin(*call, previous);
    if (const auto* code = std::get_if<Code>(&event.action)) return check(*code);
    return command(std::get<Command>(event.action));
  }

  bool command(const Command& command) {
    const std::uint16_t mtu = settings_.machine.mtu;
    apply_command(command.text, settings_);
    if (!settings_.unsupported.empty()) return fail(Verdict::unsupported, settings_.unsupported);
    if (settings_.machine.mtu != mtu) machine_.set_mtu(settings_.machine.mtu);
    if (std::exchange(settings_.forget_cookies, false)) {
      machine_.transport().tcp().forget_fast_open();
    }
    machine_.transport().tcp().set_defaults(settings_.machine.tcp, machine_.now());
    if (const auto state = std::exchange(settings_.dropped_state, std::nullopt)) {
      machine_.transport().tcp().drop_connections(*state, machine_.now());
      machine_.transmit();
    }
    return true;
  }

  // --- time ---
  // Serves what comes next, if it comes by `limit`. False: nothing does.
  bool tick(Instant limit) {
    const Instant deadline = pending_ ? calls_.deadline() : kNever;
    look_before(std::min({deadline, machine_.next_deadline(), limit}));
    if (deadline <= limit && deadline != kNever) {
      while (machine_.step(deadline)) {
      }
      machine_.advance(deadline);
    } else if (!machine_.step(limit)) {
      return false;
    }
    calls_.observe();
    resume();
    return true;
  }
  bool advance(Instant instant) {
    while (report_.verdict == Verdict::passed && tick(instant - 1ns)) {
    }
    look_before(instant);
    machine_.advance(instant);
    return report_.verdict == Verdict::passed;
  }

  // --- calls ---
  bool begin(const Call& call, Instant previous) {
    if (!finish_call()) return false;
    PendingCall pending{.event = event_};
    if (call.blocks_until) {
      const bool relative = event_->time.kind == EventTime::Kind::relative;
      pending.ends = after(relative ? previous : kStart, *call.blocks_until);
      pending.tolerance = tolerance(*pending.ends, machine_.now());
    }
    pending_ = pending;
    settle_call(calls_.begin(call));
    if (!pending_ || call.blocks_until) return report_.verdict == Verdict::passed;
    // It was not said to block; what is at hand within the tolerance may still let it return.
    const Instant limit = after(machine_.now(), settings_.tolerance);
    while (pending_ && tick(limit)) {
    }
    if (!pending_) return report_.verdict == Verdict::passed;
    pending_.reset();
    return fail(Verdict::failed, fmt::format("{}() would wait", call.name),
                {"if it is meant to, say until when: +0...0.5 " + call.name + "(...)"});
  }
  void resume() {
    if (pending_) settle_call(calls_.resume());
  }
  void settle_call(const Attempt& attempt) {
    if (attempt.state == Attempt::State::blocked) return;
    const Event* current = std::exchange(event_, pending_->event);
    const std::optional<Instant> ends = pending_->ends;
    const Duration tolerance = pending_->tolerance;
    pending_.reset();
    if (attempt.state == Attempt::State::unsupported) {
      fail(Verdict::unsupported, attempt.text);
    } else if (attempt.state == Attempt::State::failed && settings_.failed_calls_are_fatal) {
      fail(Verdict::failed, attempt.text);
    } else if (ends && (machine_.now() > *ends + tolerance || machine_.now() < *ends - tolerance)) {
      fail(Verdict::failed, "the call returned at another time",
           {fmt::format("expected {} s", seconds(*ends)),
            fmt::format("returned {} s", seconds(machine_.now()))});
    }
    event_ = current;
  }
  // Waits for the call that blocks, if one does.
  bool finish_call() {
    if (!pending_) return report_.verdict == Verdict::passed;
    const Instant limit = pending_->ends ? after(*pending_->ends, pending_->tolerance)
                                         : after(machine_.now(), kPatience);
    while (pending_ && tick(limit)) {
    }
    if (pending_) {
      event_ = pending_->event;
      pending_.reset();
      return fail(Verdict::failed, "the call never returned");
    }
    last_ = std::max(last_, machine_.now());
    return report_.verdict == Verdict::passed;
  }

  // --- packets ---
  bool inject(const PacketSpec& packet) {
    for (const Sniffed& sent : machine_.sniffed()) flows_.on_sent(sent);
    Flow& flow = flows_.inbound(packet);
    machine_.inject(build(packet, flow, settings_.machine.signature_key));
    resume();
    return report_.verdict == Verdict::passed;
  }

  bool expect(const PacketSpec& expected, const std::optional<Window>& when) {
    const Duration off = when ? tolerance(when->first, said_) : Duration{};
    const Instant limit = when ? after(when->last, off) : after(machine_.now(), kPatience);
    skip_left_behind(expected);
    while (machine_.sniffed().empty() && report_.verdict == Verdict::passed && tick(limit)) {
      skip_left_behind(expected);
    }
    if (report_.verdict != Verdict::passed) return false;
    if (machine_.sniffed().empty()) {
      return fail(Verdict::failed, "this packet was not sent",
                  {fmt::format("expected {}{}", to_text(expected),
                               when ? fmt::format(" at {} s", seconds(when->first)) : ""),
                   fmt::format("nothing was sent until {} s", seconds(limit))});
    }
    bool is_merged = false;
    const Sniffed packet = take(expected, is_merged);
    Flow& flow = flows_.of(packet);
    if (packet.tcp) flow.on_sent(*packet.tcp);
    learn(expected, packet, flow);
    Flow view = flow;
    const auto* tcp = std::get_if<TcpSpec>(&expected.body);
    if (tcp != nullptr && tcp->absolute_sequence) view.offset = view.script_isn = 0;
    const PacketSpec actual = describe(packet, view);
    const std::string differs = difference(expected, actual, is_merged);
    const std::vector<std::string> lines{
        fmt::format("expected {}", to_text(expected)),
        fmt::format("sent     {}", to_text(shown(actual, expected)))};
    if (!differs.empty()) {
      return fail(Verdict::failed, "another packet was sent; it differs in " + differs, lines);
    }
    if (when && (packet.at > limit || packet.at < when->first - off)) {
      return fail(Verdict::failed, "the packet was sent at another time",
                  {lines[0] + fmt::format(" at {} s", seconds(when->first)),
                   lines[1] + fmt::format(" at {} s", seconds(packet.at))});
    }
    if (!remember_stamp(expected, packet, flow)) return false;
    last_ = std::max(last_, packet.at);
    return true;
  }

  // A script that opens another connection looks at that one, unless it tells ports; what the old
  // one still sends is of no interest to it, nor are answers to pings.
  void skip_left_behind(const PacketSpec& expected) {
    if (!std::holds_alternative<TcpSpec>(expected.body)) return;
    std::deque<Sniffed>& sniffed = machine_.sniffed();
    const auto is_of_interest = [&](const Sniffed& packet) {
      if (packet.icmp) return packet.icmp->type != wire::IcmpType::echo_reply;
      return expected.ports || !flows_.is_left_behind(packet);
    };
    while (!sniffed.empty() && !is_of_interest(sniffed.front())) sniffed.pop_front();
  }

  // The next packet; with what follows it at the same instant as far as the expected one reaches.
  Sniffed take(const PacketSpec& expected, bool& is_merged) {
    std::deque<Sniffed>& sniffed = machine_.sniffed();
    Sniffed packet = std::move(sniffed.front());
    sniffed.pop_front();
    const auto* wanted = std::get_if<TcpSpec>(&expected.body);
    if (wanted == nullptr || !packet.tcp) return packet;
    constexpr std::uint8_t kMayDiffer =
        wire::tcp_flag::kPsh | wire::tcp_flag::kFin | wire::tcp_flag::kCwr;
    while (packet.payload_bytes > 0 && !sniffed.empty()) {
      const Sniffed& next = sniffed.front();
      const bool follows = next.tcp && next.at == packet.at && next.payload_bytes > 0 &&
                           next.tcp->source_port == packet.tcp->source_port &&
                           next.tcp->destination_port == packet.tcp->destination_port &&
                           next.tcp->sequence == packet.tcp->sequence + packet.payload_bytes &&
                           ((next.tcp->flags ^ packet.tcp->flags) & ~kMayDiffer) == 0;
      if (!follows) break;
      if (packet.payload_bytes + next.payload_bytes > wanted->length) {
        // Where one block for the card ends and the next begins PSH may stand, too.
        packet.tcp->flags |= wanted->flags & wire::tcp_flag::kPsh;
        break;
      }
      packet.payload_bytes += next.payload_bytes;
      packet.tcp->flags |= next.tcp->flags;
      is_merged = true;
      sniffed.pop_front();
    }
    return packet;
  }

  void learn(const PacketSpec& expected, const Sniffed& packet, Flow& flow) {
    const auto* wanted = std::get_if<TcpSpec>(&expected.body);
    if (wanted == nullptr || !packet.tcp || wanted->absolute_sequence) return;
    if (expected.ports && !flow.script_local_port) {
      flow.script_local_port = expected.ports->source;
      flow.script_remote_port = expected.ports->destination;
    }
    const bool is_syn = packet.tcp->has(wire::tcp_flag::kSyn);
    if (!is_syn || (flow.offset && !flow.syn_arrived)) return;
    // A SYN whose number the script does not say counts from 0.
    flow.offset = packet.tcp->sequence.raw();
    flow.script_isn = wanted->any_sequence ? 0 : wanted->sequence;
    flow.syn_arrived = false;
  }

  // What the script calls the time stamp that was sent, for echoes; and, when the script tells the
  // length of a tick, whether the clock behind it runs at that pace.
  bool remember_stamp(const PacketSpec& expected, const Sniffed& packet, Flow& flow) {
    const auto* wanted = std::get_if<TcpSpec>(&expected.body);
    if (wanted == nullptr || !packet.tcp) return true;
    const auto sent = wire::TcpOptionValues::from(packet.tcp->options.bytes()).timestamps;
    if (!sent) return true;
    for (const OptionSpec& option : wanted->options) {
      if (option.kind != kTimestamps || option.any_value) continue;
      const std::uint32_t name = load_be32(option.payload.data());
      flow.stamps[name] = sent->value;
      flow.last_stamp = {name, sent->value};
      if (!flow.first_stamp) flow.first_stamp = flow.last_stamp;
      const auto [script, wire] = *flow.first_stamp;
      const auto ticks = static_cast<std::int32_t>((sent->value - wire) - (name - script));
      if (std::abs(ticks) * settings_.stamp_tick > tolerance(packet.at, kStart)) {
        return fail(Verdict::failed, "the time stamp is another",
                    {fmt::format("expected {} ticks after the first one", name - script),
                     fmt::format("sent     {} ticks after it", sent->value - wire)});
      }
    }
    return true;
  }

  // --- code ---
  bool check(const Code& code) {
    const std::optional<tcp::Info> info = calls_.info();
    const Lookup lookup = [&](std::string_view name) -> std::optional<std::int64_t> {
      if (name.starts_with("tcpi_") && info) {
        return info_value(name, *info, machine_.now(), settings_.profile == tcp::Profile::freebsd);
      }
      // Linux keeps twice of what it announces: as much again for its own records (socket(7)).
      if (name == "SK_MEMINFO_RCVBUF" && info)
        return std::optional{2 * std::int64_t{info->receive_buffer_bytes}};
      return symbol(name);
    };
    const CodeOutcome outcome = run_code(code.text, lookup, code_names_);
    if (outcome.passed) return true;
    return fail(outcome.unsupported ? Verdict::unsupported : Verdict::failed, outcome.text);
  }

  const Script& script_;
  CodeNames code_names_;
  const RunOptions& options_;
  Settings settings_;
  Machine machine_;
  Flows flows_;
  Calls calls_;
  Report report_;
  const Event* event_ = nullptr;
  std::optional<PendingCall> pending_;
  Instant last_ = kStart;  // when the last event was to happen, or did, if it was late
  Instant said_ = kStart;  // when it was said to
  std::size_t looks_ = 0;  // socket_times that are over
};

Report unusable(const Problem& problem) {
  Report report;
  report.verdict = problem.unsupported ? Verdict::unsupported : Verdict::broken;
  report.at = problem.at;
  report.problem = problem.text;
  if (!problem.hint.empty()) report.details.push_back(problem.hint);
  return report;
}

std::string cookie_text(const SecretKey& key) {
  const Settings usual;
  const IpAddress server = usual.machine.local;
  const tcp::FastOpenCookie cookie = transport::fast_open_cookie_by(key, usual.remote, &server);
  std::string text;
  for (const std::uint8_t octet : cookie.octets()) text += fmt::format("{:02x}", octet);
  return text;
}

// The original for Linux does not look at what a time stamp echoes, and its scripts rely on it.
void accept_any_echo(Script& script) {
  for (Event& event : script.events) {
    auto* packet = std::get_if<PacketSpec>(&event.action);
    if (packet == nullptr || packet->direction != Direction::outbound) continue;
    auto* tcp = std::get_if<TcpSpec>(&packet->body);
    if (tcp == nullptr) continue;
    for (OptionSpec& option : tcp->options) {
      if (option.kind == kTimestamps) option.any_echo = true;
    }
  }
}

// What ICMP tells of an IPv6 path, for the path that stands in for it.
void tell_mtus_of_ipv4(Script& script, const Settings& settings) {
  for (Event& event : script.events) {
    auto* packet = std::get_if<PacketSpec>(&event.action);
    auto* icmp = packet != nullptr ? std::get_if<IcmpSpec>(&packet->body) : nullptr;
    if (icmp == nullptr || !icmp->mtu) continue;
    icmp->mtu = mtu_for_ipv4(settings, *icmp->mtu);
    // A SYN that an IPv6 host is told is too big: the length of what is quoted is not looked at.
    if (settings.stands_in_for_ipv6 && icmp->quoted_length == 0) icmp->has_quote = false;
  }
}

// What runs Linux's suites over IPv6 gives the interface 20 octets more, so that segments are as
// long as over IPv4 (the kernel's ksft_runner.sh).
void adopt_mtu(std::string_view text, std::span<const Option> options, Settings& settings) {
  constexpr std::uint16_t kMtuOfSuites = 1520;
  const bool is_of_suite = text.find("defaults.sh") != std::string_view::npos;
  const bool is_told = std::ranges::find(options, "mtu", &Option::name) != options.end();
  if (settings.stands_in_for_ipv6 && is_of_suite && !is_told) settings.machine.mtu = kMtuOfSuites;
}

// --define=NAME=VALUE and -D NAME=VALUE given as options.
Definitions with_defaults(Definitions definitions) {
  definitions.try_emplace("CMSG_LEVEL_IP", "SOL_IP");
  definitions.try_emplace("CMSG_TYPE_RECVERR", "IP_RECVERR");
  definitions.try_emplace("CODE", "host_unreachable");
  // Linux's test suite names the cookies that its key and a key of zeros give its two addresses.
  definitions.try_emplace("TFO_COOKIE", cookie_text({0xb2b2b2b2a1a1a1a1, 0xd4d4d4d4c3c3c3c3}));
  definitions.try_emplace("TFO_COOKIE_ZERO", cookie_text({}));
  return definitions;
}

}  // namespace

Report run(std::string_view text, const RunOptions& options) {
  std::string_view system = system_of(text);
  if (options.profile == "freebsd") system = "FreeBSD";
  if (!options.profile.empty() && options.profile != "freebsd") system = "Linux";
  auto script = parse(text, with_defaults(options.definitions),
                      system.empty() ? std::string_view("Linux") : system);
  if (!script) return unusable(script.error());
  if (system.empty() && expects_freebsd(*script)) system = "FreeBSD";
  std::vector<Option> all = options.options;
  all.insert(all.end(), script->options.begin(), script->options.end());
  std::string profile = options.profile;
  for (const Option& option : all) {
    if (option.name == "profile" && options.profile.empty()) profile = option.value;
  }
  if (profile.empty()) profile = system == "FreeBSD" ? "freebsd" : "linux";
  Settings settings;
  Problem problem{.text = fmt::format("there is no profile '{}'", profile),
                  .hint = "the profiles are linux, freebsd, rfc and teaching"};
  if (!set_profile(profile, settings)) return unusable(problem);
  if (settings.profile == tcp::Profile::freebsd) adopt_freebsd_age(*script, settings.machine.tcp);
  if (settings.profile == tcp::Profile::linux_kernel) {
    adopt_linux_age(*script, settings.machine.tcp);
    accept_any_echo(*script);
  }
  for (const Option& option : all) {
    if (!apply_option(option, settings, problem)) return unusable(problem);
  }
  adopt_host(*script, settings);
  adopt_mtu(text, all, settings);
  settings.machine.mtu = mtu_for_ipv4(settings, settings.machine.mtu);
  tell_mtus_of_ipv4(*script, settings);
  return Runner(*script, std::move(settings), options).run();
}

}  // namespace strata::packetdrill
