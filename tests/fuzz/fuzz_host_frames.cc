// SPDX-License-Identifier: MIT
// A whole host against an adversary on its cable: arbitrary frames, segments that continue what the
// host last sent (so that the deep states of TCP are reached), socket calls in any order, and jumps
// in time. Checksums are repaired, so nothing is saved by them. Nothing may crash, spin or leak,
// every drop is counted, and no connection may be left without a timer it needs.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <vector>

#include "stack/host/host.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/tcp.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/frame_repair.h"

namespace strata::fuzz {
namespace {

using socket::Fd;

constexpr MacAddress kHostMac{{2, 0, 0, 0, 0, 0x0a}};
constexpr MacAddress kPeerMac{{2, 0, 0, 0, 0, 0x14}};
constexpr Ipv4Address kHost{10, 0, 0, 1};
constexpr Ipv4Address kPeer{10, 0, 0, 2};
constexpr std::uint16_t kEthernetAndIpBytes = 34;

// Counts every event of every kind, so that all of them are built.
class Counter final : public Observer {
 public:
  void on_event(const Event& event) override {
    ++events;
    if (std::get_if<Dropped>(&event.body) != nullptr) ++drops;
  }
  std::uint64_t events = 0;
  std::uint64_t drops = 0;
};

class Run {
 public:
  explicit Run(InputReader input) : input_(input) {
    tracer_.attach(counter_);
    host_ = std::make_unique<host::Host>(
        NodeContext{.node = NodeId{0}, .pool = &pool_, .tracer = &tracer_}, config());
    open_sockets();
  }

  void play() {
    for (int steps = 0; !input_.rest().empty() && steps < kStepsMax; ++steps) {
      step(input_.u8());
      settle();
    }
    // Again and again: a close() may linger.
    for (int i = 0; i < kCloseRoundsMax && !is_quiet(); ++i) {
      close_all();
      settle();
      jump(std::chrono::minutes{1} * (i + 1));
    }
    STRATA_FUZZ_EXPECT(host_->drops().total() == counter_.drops);
    STRATA_FUZZ_EXPECT(host_->sockets().table().empty());
    host_.reset();
    STRATA_FUZZ_EXPECT(pool_.outstanding() == 0);
  }

 private:
  static constexpr int kStepsMax = 400;
  static constexpr int kRoundsMax = 10'000;   // of output and deadlines at one instant
  static constexpr int kCloseRoundsMax = 40;  // 820 minutes in all: any time-out gives up before
  static constexpr std::size_t kDescriptorsMax = 32;

  static host::HostConfig config() {
    host::HostConfig config;
    config.name = "host";
    config.ports.resize(1);
    config.ports[0].interface.name = "eth0";
    config.ports[0].interface.mac = kHostMac;
    config.ports[0].addresses = {{kHost, 24}};
    return config;
  }

  void close_all() {
    // The lowest descriptor that is free is given first, so none lies beyond the limit.
    const Fd end = socket::kFirstFd + static_cast<Fd>(kDescriptorsMax);
    for (Fd fd = socket::kFirstFd; fd < end && host_->sockets().open_descriptors() > 0; ++fd) {
      static_cast<void>(host_->sockets().close(fd, now_));
    }
  }

  // No descriptor, no connection without one, and nothing that would ever happen by itself.
  bool is_quiet() {
    return host_->sockets().open_descriptors() == 0 && host_->next_deadline() == kNever;
  }

  void open_sockets() {
    socket::Sockets& sockets = host_->sockets();
    sockets.set_descriptor_limit(kDescriptorsMax);
    const Fd listener = sockets.socket(socket::Type::stream, "fuzz", now_).value();
    static_cast<void>(sockets.bind(listener, {{}, 80}));
    static_cast<void>(sockets.listen(listener, 4, now_));
    const Fd datagram = sockets.socket(socket::Type::datagram, "fuzz", now_).value();
    static_cast<void>(sockets.bind(datagram, {{}, 53}));
    const Fd echo = sockets.socket(socket::Type::icmp_echo, "fuzz", now_).value();
    static_cast<void>(sockets.bind(echo, {{}, 7}));
    static_cast<void>(sockets.send_to(echo, as_bytes("resolve"), {kPeer, 0}, now_));
    settle();
    answer_arp();
  }

  void step(std::uint8_t operation) {
    switch (operation % 8) {
      case 0:
        jump(Duration{input_.u16()} * (std::int64_t{1} << (operation / 8)));  // up to 141 s
        return;
      case 1:
        inject(take(input_.u8() * std::size_t{2}), operation >= 128);
        return;
      case 2:
        inject_datagram(operation / 8);
        return;
      case 3:
      case 4:
        call(operation / 8);
        return;
      default:
        inject_segment(operation / 8);
    }
  }

  std::vector<std::uint8_t> take(std::size_t wanted) {
    std::vector<std::uint8_t> octets(std::min(wanted, input_.rest().size()));
    for (std::uint8_t& octet : octets) octet = input_.u8();
    return octets;
  }

  void inject(std::vector<std::uint8_t> frame, bool is_repaired = true) {
    if (is_repaired) test::repair_frame(frame);
    Packet packet = pool_.make(frame);
    packet.set_arrival(now_);
    host_->receive(PortId{0}, std::move(packet), now_);
  }

  // An Ethernet and IPv4 header with room for `payload_bytes` and the FCS.
  static std::vector<std::uint8_t> make_frame(std::uint8_t protocol, std::size_t payload_bytes) {
    std::vector<std::uint8_t> frame(
        std::max<std::size_t>(64, kEthernetAndIpBytes + payload_bytes + 4));
    wire::EthernetHeader{.destination = kHostMac, .source = kPeerMac, .type = EtherType::ipv4}.emit(
        frame.data());
    std::uint8_t* ip = &frame[wire::EthernetHeader::kBytes];
    ip[0] = 0x45;
    store_be16(ip + 2, static_cast<std::uint16_t>(20 + payload_bytes));
    ip[8] = 64;
    ip[9] = protocol;
    kPeer.store(ip + 12);
    kHost.store(ip + 16);
    return frame;
  }

  void inject_datagram(std::uint8_t kind) {
    const std::uint8_t protocol = std::to_array<std::uint8_t>({1, 17, 6, 2})[kind % 4];
    const std::vector<std::uint8_t> payload = take(input_.u8());
    std::vector<std::uint8_t> frame = make_frame(protocol, payload.size());
    std::ranges::copy(payload, frame.begin() + kEthernetAndIpBytes);
    if (kind >= 16) store_be16(&frame[20], input_.u16());  // fragments
    inject(std::move(frame));
  }

  // A segment that fits, but for small deviations, to what the host last said on that flow.
  void inject_segment(std::uint8_t flow) {
    const bool has_options = (flow & 4) != 0;
    const bool deviates = (flow & 8) != 0;
    const std::uint16_t remote_port = static_cast<std::uint16_t>(5000 + flow % 4);
    Conversation& conversation = conversations_[remote_port];
    wire::TcpHeader header{.source_port = remote_port, .destination_port = conversation.host_port};
    header.flags = input_.u8();
    header.sequence = conversation.next_from_peer;
    header.acknowledgement = conversation.next_from_host;
    header.window = static_cast<std::uint16_t>(input_.u8() << 8);
    if (deviates) {
      header.sequence = header.sequence + std::uint32_t{input_.u16()} - 0x8000U;
      header.acknowledgement = header.acknowledgement + std::uint32_t{input_.u16()} - 0x8000U;
    }
    if (has_options) {
      std::vector<std::uint8_t> options = take(std::size_t{input_.u8() % 11U} * 4);
      options.resize(options.size() / 4 * 4);
      header.options = wire::OptionBytes{options};
    }
    const std::vector<std::uint8_t> text = take(input_.u8() % 64U);
    std::vector<std::uint8_t> frame = make_frame(6, header.header_bytes() + text.size());
    std::ranges::copy(text, frame.begin() + kEthernetAndIpBytes +
                                static_cast<std::ptrdiff_t>(header.header_bytes()));
    header.emit(
        MutableBytes{frame}.subspan(kEthernetAndIpBytes, header.header_bytes() + text.size()),
        kPeer, kHost);
    inject(std::move(frame));
  }

  void call(std::uint8_t which) {
    socket::Sockets& sockets = host_->sockets();
    const Fd fd = socket::kFirstFd + input_.u8() % 16;
    const std::uint8_t argument = input_.u8();
    const Endpoint peer{kPeer, static_cast<std::uint16_t>(5000 + argument % 4)};
    const std::vector<std::uint8_t> data(std::size_t{argument} * 16);
    switch (which % 12) {
      case 0:
        static_cast<void>(sockets.accept(fd, now_));
        return;
      case 1:
        static_cast<void>(sockets.send(fd, data, now_));
        return;
      case 2:
      case 3: {
        std::vector<std::uint8_t> buffer(std::size_t{argument} * 64);
        static_cast<void>(sockets.receive(
            fd, buffer, which % 12 == 3 ? socket::msg::kPeek : socket::MessageFlags{}, now_));
        return;
      }
      case 4:
        static_cast<void>(
            sockets.shutdown(fd, socket::How{static_cast<std::uint8_t>(argument % 3)}, now_));
        return;
      case 5:
        static_cast<void>(sockets.close(fd, now_));
        return;
      case 6:
        static_cast<void>(
            sockets.socket(socket::Type{static_cast<std::uint8_t>(argument % 3)}, "fuzz", now_));
        return;
      case 7:
        static_cast<void>(sockets.connect(fd, peer, now_));
        return;
      case 8:
        static_cast<void>(sockets.send_to(fd, data, peer, now_));
        return;
      case 9:
        static_cast<void>(sockets.bind(fd, {{}, static_cast<std::uint16_t>(80 + argument % 4)}));
        return;
      case 10:
        static_cast<void>(sockets.listen(fd, argument % 8, now_));
        return;
      default:
        set_option(fd, argument);
    }
  }

  void set_option(Fd fd, std::uint8_t argument) {
    const auto option = static_cast<socket::Option>(argument % socket::option_table().size());
    const std::int64_t number = std::int64_t{argument} * argument;
    const socket::OptionValue value =
        socket::option_row(option).kind == socket::ValueKind::linger
            ? socket::OptionValue{Duration{std::chrono::seconds{argument % 3}}}
            : socket::OptionValue{number};
    static_cast<void>(host_->sockets().set_option(fd, option, value, now_));
  }

  void jump(Duration duration) {
    const Instant end = now_ + duration;
    for (int rounds = 0; rounds < kRoundsMax && host_->next_deadline() <= end; ++rounds) {
      now_ = std::max(now_, host_->next_deadline());
      host_->on_deadline(now_);
      settle();
    }
    now_ = end;
  }

  // Everything that happens at once: output, and deadlines that have come.
  void settle() {
    for (int rounds = 0;; ++rounds) {
      STRATA_FUZZ_EXPECT(rounds < kRoundsMax);
      while (auto out = host_->poll_transmit(now_)) overhear(out->packet.bytes());
      if (host_->next_deadline() > now_) break;
      host_->on_deadline(now_);
    }
    host_->transport().tcp().for_each([](const transport::Stream& stream) {
      if (stream.connection != nullptr) stream.connection->check_invariants();
    });
  }

  // Keeps what the next segment of each conversation must continue.
  void overhear(Bytes frame) {
    if (load_be16(&frame[12]) != 0x0800 || frame[23] != 6) return;
    const Bytes segment = frame.subspan(kEthernetAndIpBytes);
    const std::uint32_t total = load_be16(&frame[16]);
    const std::uint32_t header_bytes = (segment[12] >> 4U) * 4U;
    const std::uint8_t flags = segment[13];
    Conversation& conversation = conversations_[load_be16(&segment[2])];
    conversation.host_port = load_be16(&segment[0]);
    conversation.next_from_host = Seq32{load_be32(&segment[4])} + (total - 20 - header_bytes) +
                                  ((flags & wire::tcp_flag::kSyn) != 0 ? 1U : 0U) +
                                  ((flags & wire::tcp_flag::kFin) != 0 ? 1U : 0U);
    if ((flags & wire::tcp_flag::kAck) != 0) {
      conversation.next_from_peer = Seq32{load_be32(&segment[8])};
    }
  }

  void answer_arp() {
    std::vector<std::uint8_t> frame(64);
    wire::EthernetHeader{.destination = kHostMac, .source = kPeerMac, .type = EtherType::arp}.emit(
        frame.data());
    std::uint8_t* arp = &frame[wire::EthernetHeader::kBytes];
    store_be16(arp, 1);
    store_be16(arp + 2, 0x0800);
    store_be16(arp + 4, 0x0604);
    store_be16(arp + 6, 2);
    kPeerMac.store(arp + 8);
    kPeer.store(arp + 14);
    kHostMac.store(arp + 18);
    kHost.store(arp + 24);
    inject(std::move(frame));
  }

  struct Conversation {
    std::uint16_t host_port = 80;
    Seq32 next_from_host;
    Seq32 next_from_peer{1000};
  };

  InputReader input_;
  PacketPool pool_;
  Tracer tracer_;
  Counter counter_;
  Instant now_ = kStart;
  std::unique_ptr<host::Host> host_;
  std::map<std::uint16_t, Conversation> conversations_;  // by the peer's port
};

}  // namespace

STRATA_FUZZ_TARGET(host_frames) { Run(InputReader(input)).play(); }

}  // namespace strata::fuzz
