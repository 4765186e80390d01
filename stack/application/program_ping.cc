// SPDX-License-Identifier: MIT
// `ping`: ICMP echo requests at an interval, answers and errors printed as ping(8) does.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kIpHeader = 20;

std::string_view error_text(const socket::ErrorReport& report) {
  if (report.type == wire::IcmpType::time_exceeded) return "Time to live exceeded";
  switch (static_cast<wire::UnreachableCode>(report.code)) {
    case wire::UnreachableCode::network:
      return "Destination Net Unreachable";
    case wire::UnreachableCode::host:
      return "Destination Host Unreachable";
    case wire::UnreachableCode::protocol:
      return "Destination Protocol Unreachable";
    case wire::UnreachableCode::port:
      return "Destination Port Unreachable";
    case wire::UnreachableCode::fragmentation_needed:
      return "Frag needed and DF set";
    case wire::UnreachableCode::source_route_failed:
      return "Source Route Failed";
    case wire::UnreachableCode::administratively_prohibited:
      return "Packet filtered";
  }
  return "Destination Unreachable";
}

// One run: what was sent, what came back. Used by one coroutine only.
class Ping {
 public:
  Ping(Process process, socket::Fd fd, std::int64_t count, std::size_t size)
      : process_(process), fd_(fd), count_(count), data_(size), buffer_(kDatagramMax) {
    fill_pattern(data_, 0);
  }

  bool is_all_sent() const { return sent_ == count_; }
  bool is_all_settled() const { return is_all_sent() && received_ + errors_ >= sent_; }
  void send(Endpoint to);
  // Takes everything that has arrived.
  void collect();
  void summarise(const std::string& target, Instant start) const;

 private:
  struct Request {
    Instant sent;
    bool is_answered = false;
  };
  static constexpr std::size_t kRemembered = 65'536;  // sequence numbers have 16 bits

  Request* find(std::uint16_t sequence);
  void on_reply(const socket::Received& reply);
  void on_error(const socket::ErrorReport& report);

  Process process_;
  socket::Fd fd_;
  std::int64_t count_;
  std::vector<std::uint8_t> data_;
  std::vector<std::uint8_t> buffer_;
  std::vector<Request> requests_;  // by (sequence - 1), modulo kRemembered
  std::int64_t sent_ = 0;
  std::int64_t received_ = 0;
  std::int64_t duplicates_ = 0;
  std::int64_t errors_ = 0;
  DurationFigures times_;
};

void Ping::send(Endpoint to) {
  const std::size_t index = static_cast<std::size_t>(sent_) % kRemembered;
  if (index == requests_.size()) requests_.emplace_back();
  requests_[index] = Request{.sent = process_.now()};
  ++sent_;
  const Result<std::size_t> result = process_.try_sendto(fd_, data_, to);
  process_.count("sent");
  if (result) return;
  // The number is spent all the same: it is the kernel's refusal that is reported.
  process_.fail("sendto", result.error());
  ++errors_;
}

Ping::Request* Ping::find(std::uint16_t sequence) {
  const std::size_t index = static_cast<std::uint16_t>(sequence - 1);
  return index < requests_.size() ? &requests_[index] : nullptr;
}

void Ping::collect() {
  for (;;) {
    const socket::Readiness readiness = process_.readiness(fd_);
    if (!readiness.readable && !readiness.error) return;
    if (const auto report = process_.take_error_report(fd_)) {
      on_error(*report);
      continue;
    }
    const Result<socket::Received> reply = process_.try_recvfrom(fd_, buffer_);
    if (reply) on_reply(*reply);
    // Any other error is the pending one, whose report was taken before.
    if (!reply && reply.error() == Errc::would_block) return;
  }
}

void Ping::on_reply(const socket::Received& reply) {
  Request* request = find(reply.sequence);
  if (request == nullptr) return;
  const Duration time = process_.now() - request->sent;
  const bool is_duplicate = std::exchange(request->is_answered, true);
  if (is_duplicate) {
    ++duplicates_;
    process_.count("duplicates");
  } else {
    ++received_;
    process_.count("received");
    times_.add(time);
  }
  if (!process_.is_printing()) return;
  const auto data = Bytes(buffer_).first(reply.bytes);
  const bool is_same = std::equal(data.begin(), data.end(), data_.begin(), data_.end());
  process_.print(fmt::format("{} bytes from {}: icmp_seq={} ttl={} time={} ms{}{}",
                             reply.datagram + kIcmpHeader, to_text(reply.from.address),
                             reply.sequence, reply.ttl, ping_milliseconds(time),
                             is_duplicate ? " (DUP!)" : "", is_same ? "" : " (DIFFERENT DATA!)"));
}

void Ping::on_error(const socket::ErrorReport& report) {
  ++errors_;
  process_.count("errors");
  if (!process_.is_printing()) return;
  process_.print(fmt::format("From {} icmp_seq={} {}", to_text(report.reporter), report.sequence,
                             error_text(report)));
}

void Ping::summarise(const std::string& target, Instant start) const {
  times_.publish(process_, "rtt");
  Process process = process_;
  process.set_figure("lost", sent_ - received_);
  if (!process.is_printing()) return;
  process.print(fmt::format("--- {} ping statistics ---", target));
  process.print(fmt::format(
      "{} packets transmitted, {} received{}{}, {}% packet loss, time {}ms", sent_, received_,
      duplicates_ == 0 ? "" : fmt::format(", +{} duplicates", duplicates_),
      errors_ == 0 ? "" : fmt::format(", +{} errors", errors_),
      sent_ == 0 ? 0 : (sent_ - received_) * 100 / sent_,
      std::chrono::duration_cast<std::chrono::milliseconds>(process.now() - start).count()));
  if (times_.count() == 0) return;
  process.print(fmt::format("rtt min/avg/max/mdev = {}/{}/{}/{} ms", three_decimals(times_.min()),
                            three_decimals(times_.average()), three_decimals(times_.max()),
                            three_decimals(times_.deviation())));
}

Task<void> run_ping(Process process, Arguments arguments) {
  const std::string target = arguments.text("to");
  const Result<IpAddress> address = process.resolve(target);
  if (!address) process.fail(target, address.error());
  if (!address) co_return;
  const Result<socket::Fd> fd = process.socket(socket::Type::icmp_echo);
  if (!fd) process.fail("socket", fd.error());
  if (!fd) co_return;
  (void)process.set_option(*fd, socket::Option::receive_errors, true);
  (void)process.set_option(*fd, socket::Option::ttl, arguments.integer("ttl"));
  if (arguments.boolean("dont-fragment")) {
    (void)process.set_option(*fd, socket::Option::mtu_discovery, true);
  }
  const auto size = static_cast<std::size_t>(arguments.integer("size"));
  process.print(fmt::format("PING {} ({}) {}({}) bytes of data.", target, to_text(*address), size,
                            size + kIcmpHeader + kIpHeader));
  process.count("received", 0);
  const Instant start = process.now();
  const Endpoint to{.address = *address};
  Ping ping(process, *fd, arguments.integer("count"), size);
  Instant wake = start;  // the next request; behind the last one, the end of waiting
  while (!ping.is_all_settled()) {
    if (process.now() >= wake) {
      if (ping.is_all_sent()) break;
      ping.send(to);
      wake = after(process.now(), arguments.duration(ping.is_all_sent() ? "timeout" : "interval"));
    }
    co_await process.wait_readable(*fd, wake);
    ping.collect();
  }
  ping.summarise(target, start);
  co_await process.close(*fd);
}

constexpr std::array kPingParameters{
    Parameter{"to", ParameterKind::host, true, "", "Whom to ask."},
    Parameter{"count", ParameterKind::count, false, "4", "How many requests to send."},
    Parameter{"interval", ParameterKind::duration, false, "1 s", "From one request to the next."},
    Parameter{"size", ParameterKind::bytes, false, "56 B", "Data in each request."}.range(
        0, kDatagramMax),
    Parameter{"ttl", ParameterKind::count, false, "64", "Time to live, 1 to 255."}.range(1, 255),
    Parameter{"timeout", ParameterKind::duration, false, "1 s",
              "How long to wait for answers after the last request."},
    Parameter{"dont-fragment", ParameterKind::boolean, false, "false",
              "Whether routers must not fragment the requests."},
};

}  // namespace

constexpr Program kPing{"ping", "Sends ICMP echo requests and prints the answers.", kPingParameters,
                        run_ping, "sent received lost duplicates rtt-min rtt-average rtt-max"};

}  // namespace strata::application
