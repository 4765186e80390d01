// SPDX-License-Identifier: MIT
#include "sim/live_inputs.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace strata::sim {
namespace {

constexpr std::uint64_t kStopInterval = 4096;  // inputs between calls of should_stop

template <typename T>
void put_number(std::vector<std::uint8_t>& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

void put_text(std::vector<std::uint8_t>& out, std::string_view text) {
  put_number(out, static_cast<std::uint32_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

// Takes numbers and texts off the front; after the end everything is zero and empty.
class Reader {
 public:
  explicit Reader(Bytes octets) : left_(octets) {}

  template <typename T>
  T number() {
    const Bytes octets = take(sizeof(T));
    T value = 0;
    for (std::size_t i = octets.size(); i > 0; --i) {
      value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 | octets[i - 1]);
    }
    return value;
  }
  Bytes run() { return take(number<std::uint32_t>()); }
  std::string text() {
    const Bytes octets = run();
    return {octets.begin(), octets.end()};
  }
  bool at_end() const { return left_.empty() || is_cut_; }
  bool is_cut() const { return is_cut_; }

 private:
  Bytes take(std::size_t count) {
    is_cut_ = is_cut_ || count > left_.size();
    if (is_cut_) return {};
    const Bytes taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }

  Bytes left_;
  bool is_cut_ = false;
};

Instant instant_of(std::uint64_t nanoseconds) {
  return kStart + Duration{static_cast<std::int64_t>(nanoseconds)};
}

std::uint64_t nanoseconds_of(Instant at) {
  return static_cast<std::uint64_t>((at - kStart).count());
}

}  // namespace

tl::expected<LiveInputs, std::string> LiveInputs::parse(Bytes octets) {
  if (octets.size() < kMagic.size() ||
      std::memcmp(octets.data(), kMagic.data(), kMagic.size()) != 0) {
    return tl::unexpected<std::string>("it is no recording of a live run");
  }
  Reader reader(octets.subspan(kMagic.size()));
  LiveInputs inputs;
  inputs.file = reader.text();
  inputs.scenario = reader.text();
  const auto overrides = reader.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < overrides && !reader.is_cut(); ++i) {
    inputs.overrides.push_back(reader.text());
  }
  if (reader.is_cut())
    return tl::unexpected<std::string>("the recording ends before its first record");
  while (!reader.at_end()) {
    LiveInput input{.kind = LiveInput::Kind{reader.number<std::uint8_t>()}};
    input.node = NodeId{reader.number<std::uint32_t>()};
    input.at = instant_of(reader.number<std::uint64_t>());
    const Bytes data = reader.run();
    if (reader.is_cut()) break;
    if (input.kind < LiveInput::Kind::frame || input.kind > LiveInput::Kind::abort_connections ||
        input.at < inputs.end) {
      return tl::unexpected<std::string>("the recording is damaged: a record makes no sense");
    }
    inputs.end = input.at;
    if (input.kind == LiveInput::Kind::frame) input.frame.assign(data.begin(), data.end());
    if (input.kind == LiveInput::Kind::refusal) {
      input.delivery = Reader(data).number<std::uint64_t>();
    }
    if (input.kind != LiveInput::Kind::end) inputs.list.push_back(std::move(input));
  }
  return inputs;
}

// ---- writing -----------------------------------------------------------------------------------

LiveRecorder::LiveRecorder(Write write, const LiveInputs& head) : write_(std::move(write)) {
  record_.assign(LiveInputs::kMagic.begin(), LiveInputs::kMagic.end());
  put_text(record_, head.file);
  put_text(record_, head.scenario);
  put_number(record_, static_cast<std::uint32_t>(head.overrides.size()));
  for (const std::string& assignment : head.overrides) put_text(record_, assignment);
  write_(record_);
}

void LiveRecorder::put(LiveInput::Kind kind, NodeId node, Instant at, Bytes octets) {
  last_ = std::max(last_, at);  // a refusal belongs to an event before the input in progress
  record_.clear();
  record_.push_back(static_cast<std::uint8_t>(kind));
  put_number(record_, raw(node));
  put_number(record_, nanoseconds_of(last_));
  put_number(record_, static_cast<std::uint32_t>(octets.size()));
  record_.insert(record_.end(), octets.begin(), octets.end());
  write_(record_);
}

void LiveRecorder::on_frame(NodeId node, Bytes frame, Instant at) {
  put(LiveInput::Kind::frame, node, at, frame);
}

void LiveRecorder::on_delivery(NodeId node, bool taken, Instant at) {
  const std::uint64_t delivery = ++deliveries_[node];
  if (taken) return;
  std::vector<std::uint8_t> number;
  put_number(number, delivery);
  put(LiveInput::Kind::refusal, node, at, number);
}

void LiveRecorder::on_end_processes(Instant at) {
  put(LiveInput::Kind::end_processes, NodeId{}, at, {});
}

void LiveRecorder::on_abort_connections(Instant at) {
  put(LiveInput::Kind::abort_connections, NodeId{}, at, {});
}

void LiveRecorder::on_end(Instant at) { put(LiveInput::Kind::end, NodeId{}, at, {}); }

// ---- replaying ---------------------------------------------------------------------------------

// Takes what the device took, and refuses what it refused.
class LiveReplay::Device final : public Outside {
 public:
  bool deliver(Bytes, Instant) override { return !refused.contains(++deliveries_); }
  std::set<std::uint64_t> refused;

 private:
  std::uint64_t deliveries_ = 0;
};

LiveReplay::LiveReplay(World& world, const LiveInputs& inputs) : world_(world), inputs_(inputs) {
  for (std::uint32_t i = 0; i < world_.node_count(); ++i) {
    devices_.push_back(std::make_unique<Device>());
    if (world_.is_attachment(NodeId{i})) {
      world_.attachment(NodeId{i}).set_outside(devices_.back().get());
    }
  }
  for (const LiveInput& input : inputs_.list) {
    const std::size_t node = raw(input.node);
    if (input.kind == LiveInput::Kind::refusal && node < devices_.size()) {
      devices_[node]->refused.insert(input.delivery);
    }
  }
}

LiveReplay::~LiveReplay() {
  for (std::uint32_t i = 0; i < world_.node_count(); ++i) {
    if (world_.is_attachment(NodeId{i})) world_.attachment(NodeId{i}).set_outside(nullptr);
  }
}

RunResult LiveReplay::run_until(Instant until, const std::function<bool()>& should_stop) {
  const Instant end = std::min(until, inputs_.end);
  StopReason reason = StopReason::until;
  for (; next_ < inputs_.list.size() && inputs_.list[next_].at <= end; ++next_) {
    if (next_ % kStopInterval == 0 && should_stop && should_stop()) {
      reason = StopReason::interrupted;
      break;
    }
    carry_out(inputs_.list[next_]);
  }
  if (reason == StopReason::until && end > world_.now()) world_.pass(end);
  return {.reason = reason, .end = world_.now(), .events = world_.events()};
}

void LiveReplay::carry_out(const LiveInput& input) {
  switch (input.kind) {
    case LiveInput::Kind::frame:
      if (raw(input.node) < world_.node_count() && world_.is_attachment(input.node)) {
        world_.inject(input.node, input.frame, input.at);
      }
      break;
    case LiveInput::Kind::end_processes:
      world_.end_processes(input.at);
      break;
    case LiveInput::Kind::abort_connections:
      world_.abort_connections(input.at);
      break;
    case LiveInput::Kind::refusal:
    case LiveInput::Kind::end:
      break;
  }
}

}  // namespace strata::sim
