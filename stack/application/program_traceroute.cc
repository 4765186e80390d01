// SPDX-License-Identifier: MIT
// `traceroute`: UDP probes with a rising time to live to ports nobody listens on. The routers on
// the way give themselves away by ICMP time exceeded, the destination by port unreachable.
#include <fmt/format.h>

#include <array>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

constexpr std::uint16_t kFirstPort = 33'434;
constexpr std::size_t kProbeBytes = 32;

std::string_view annotation(const socket::ErrorReport& report) {
  if (report.type == wire::IcmpType::time_exceeded) return "";
  switch (static_cast<wire::UnreachableCode>(report.code)) {
    case wire::UnreachableCode::network:
      return " !N";
    case wire::UnreachableCode::host:
      return " !H";
    case wire::UnreachableCode::protocol:
      return " !P";
    case wire::UnreachableCode::port:
      return "";
    case wire::UnreachableCode::fragmentation_needed:
      return " !F";
    case wire::UnreachableCode::source_route_failed:
      return " !S";
    case wire::UnreachableCode::administratively_prohibited:
      return " !X";
  }
  return " !";
}

// Sends a probe and waits for the ICMP error about it; timed_out when there is none.
Task<Result<socket::ErrorReport>> probe(Process process, socket::Fd fd, Endpoint to,
                                        Duration wait) {
  std::array<std::uint8_t, kProbeBytes> data{};
  fill_pattern(data, 0);
  (void)process.take_error(fd);  // of a late answer to an earlier probe
  const Result<std::size_t> sent = process.try_sendto(fd, data, to);
  if (!sent) co_return unexpected(sent.error());
  const Instant deadline = after(process.now(), wait);
  for (;;) {
    const Result<void> ready = co_await process.wait_readable(fd, deadline);
    if (!ready) co_return unexpected(ready.error());
    (void)process.take_error(fd);
    while (const auto report = process.take_error_report(fd)) {
      if (report->destination == to) co_return *report;
    }
    if (process.readiness(fd).readable) {
      // Somebody does listen on that port: not an answer we understand.
      (void)process.try_recvfrom(fd, data);
    }
  }
}

struct Hop {
  std::string line;
  bool is_last = false;
};

Task<Hop> probe_hop(Process process, socket::Fd fd, Endpoint to, Arguments arguments) {
  Hop hop;
  std::optional<IpAddress> reporter;
  for (std::int64_t i = 0; i < arguments.integer("probes"); ++i) {
    const Instant start = process.now();
    const Result<socket::ErrorReport> answer =
        co_await probe(process, fd, to, arguments.duration("timeout"));
    ++to.port;
    process.count("probes");
    if (!answer) {
      hop.line +=
          answer.error() == Errc::timed_out ? "  *" : fmt::format("  {}", to_text(answer.error()));
      process.count("unanswered");
      continue;
    }
    if (answer->reporter != reporter) {
      reporter = answer->reporter;
      hop.line += "  " + to_text(*reporter);
    }
    hop.line +=
        fmt::format("  {} ms{}", three_decimals(process.now() - start), annotation(*answer));
    if (answer->type != wire::IcmpType::time_exceeded) hop.is_last = true;
  }
  co_return hop;
}

Task<void> run_traceroute(Process process, Arguments arguments) {
  const std::string target = arguments.text("to");
  const Result<IpAddress> address = process.resolve(target);
  if (!address) process.fail(target, address.error());
  if (!address) co_return;
  const Result<socket::Fd> fd = process.socket(socket::Type::datagram);
  if (!fd) process.fail("socket", fd.error());
  if (!fd) co_return;
  (void)process.set_option(*fd, socket::Option::receive_errors, true);
  const std::int64_t hops_max = arguments.integer("hops");
  process.print(fmt::format("traceroute to {} ({}), {} hops max, {} byte packets", target,
                            to_text(*address), hops_max, kProbeBytes + 28));
  process.count("reached", 0);
  Endpoint to{.address = *address, .port = kFirstPort};
  for (std::int64_t ttl = 1; ttl <= hops_max; ++ttl) {
    (void)process.set_option(*fd, socket::Option::ttl, ttl);
    const Hop hop = co_await probe_hop(process, *fd, to, arguments);
    to.port = static_cast<std::uint16_t>(to.port + arguments.integer("probes"));
    process.count("hops");
    process.print(fmt::format("{:2}{}", ttl, hop.line));
    if (hop.is_last) {
      process.count("reached");
      break;
    }
  }
  co_await process.close(*fd);
}

constexpr std::array kTracerouteParameters{
    Parameter{"to", ParameterKind::host, true, "", "Where the path leads."},
    Parameter{"hops", ParameterKind::count, false, "30", "The largest time to live, up to 255."}
        .range(1, 255),
    Parameter{"probes", ParameterKind::count, false, "3", "Probes per hop, up to 100."}.range(1,
                                                                                              100),
    Parameter{"timeout", ParameterKind::duration, false, "1 s", "How long to wait for an answer."},
};

}  // namespace

constexpr Program kTraceroute{"traceroute", "Finds the routers on the way to a host.",
                              kTracerouteParameters, run_traceroute,
                              "probes hops unanswered reached"};

}  // namespace strata::application
