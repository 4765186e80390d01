// SPDX-License-Identifier: MIT
// The least that a TCP beside a TAP device can do, as a bound for Strata's own: it copies, sums,
// acknowledges each batch once and starts anew behind the last acknowledgement when nothing moves.
// No layers, no timers, no congestion control, no options but MSS and window scale, one connection
// at a time. Port 7 echoes, port 9 takes, port 80 gives without end to whoever asks.
//
//     tap_bound DEVICE ADDRESS plain|offload
//
// Built by tests/bench/run; not part of Strata.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Octet = std::uint8_t;

// In front of a frame of a device with offload: flags, gso_type, hdr_len, gso_size, csum_start,
// csum_offset (Virtual I/O Device 1.2, 5.1.6), little-endian where this runs.
constexpr std::size_t kVirtio = 10;
constexpr std::size_t kIp = 14, kTcp = 34;  // behind the Ethernet header, behind the IPv4 header
constexpr std::size_t kMss = 1460;
constexpr std::size_t kApplication = 1 << 20;  // octets of the "program", used again and again

std::uint16_t get16(const Octet* p) { return static_cast<std::uint16_t>(p[0] << 8 | p[1]); }
std::uint32_t get32(const Octet* p) { return std::uint32_t{get16(p)} << 16 | get16(p + 2); }
void put16(Octet* p, std::size_t value) {
  p[0] = static_cast<Octet>(value >> 8);
  p[1] = static_cast<Octet>(value);
}
void put32(Octet* p, std::uint32_t value) {
  put16(p, value >> 16);
  put16(p + 2, value & 0xffff);
}

// Sum of native words, not folded; the compiler makes vectors of the loop.
std::uint64_t sum(const Octet* p, std::size_t size) {
  std::uint64_t total = 0;
  std::size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, p + i, 4);
    total += word;
  }
  for (; i < size; ++i) total += i % 2 == 0 ? p[i] : p[i] << 8;
  return total;
}
std::uint16_t fold(std::uint64_t total) {
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<std::uint16_t>(total);
}
std::uint64_t pseudo_header(const Octet* frame, std::size_t segment) {
  Octet tail[4] = {0, 6, 0, 0};
  put16(tail + 2, segment);
  return sum(frame + kIp + 12, 8) + sum(tail, 4);
}

class Bound {
 public:
  Bound(int fd, std::uint32_t address, bool has_offload)
      : fd_(fd),
        address_(address),
        offset_(has_offload ? kVirtio : 0),
        most_(has_offload ? 44 * kMss : kMss) {}

  void run() {
    for (;;) {
      bool any = false;
      has_news_ = false;
      for (int i = 0; i < 32; ++i) {
        const ssize_t count = ::read(fd_, in_.data(), in_.size());
        if (count <= 0) break;
        any = true;
        receive(in_.data() + offset_, static_cast<std::size_t>(count) - offset_);
      }
      if (has_news_) send(kAck, 0);
      if (give() || any) continue;
      pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
      ::poll(&waiting, 1, 20);
    }
  }

 private:
  static constexpr Octet kFin = 1, kSyn = 2, kReset = 4, kAck = 16;

  void receive(const Octet* frame, std::size_t size) {
    if (size >= 42 && get16(frame + 12) == 0x0806) return answer_arp(frame);
    if (size < kTcp + 20 || get16(frame + 12) != 0x0800 || frame[kIp + 9] != 6) return;
    const std::size_t segment = get16(frame + kIp + 2) - (kTcp - kIp);
    const Octet* tcp = frame + kTcp;
    const std::size_t header = 4U * (tcp[12] >> 4);
    if (kTcp + segment > size || header > segment) return;
    // Without offload nobody else has looked.
    if (offset_ == 0 && fold(pseudo_header(frame, segment) + sum(tcp, segment)) != 0xffff) return;
    if ((tcp[13] & kSyn) != 0) return accept(frame, header);
    if (get16(tcp) != port_ || get16(tcp + 2) != local_ || (tcp[13] & kReset) != 0) return;
    acknowledge(get32(tcp + 8));
    window_ = std::uint32_t{get16(tcp + 14)} << scale_;
    take(tcp + header, segment - header, get32(tcp + 4), (tcp[13] & kFin) != 0);
  }

  void accept(const Octet* frame, std::size_t header) {
    std::memcpy(peer_mac_, frame + 6, 6);
    std::memcpy(peer_, frame + kIp + 12, 4);
    const Octet* tcp = frame + kTcp;
    port_ = get16(tcp);
    local_ = get16(tcp + 2);
    for (std::size_t i = 20; i + 2 < header && tcp[i] != 0; i += tcp[i] == 1 ? 1U : tcp[i + 1]) {
      if (tcp[i] == 3) scale_ = tcp[i + 2];
      if (tcp[i] != 1 && tcp[i + 1] == 0) return;
    }
    expected_ = get32(tcp + 4) + 1;
    next_ = oldest_ = 1000;
    window_ = 0;
    owed_ = 0;
    is_asked_ = false;
    send(kSyn | kAck, 0);
    oldest_ = ++next_;
  }

  void acknowledge(std::uint32_t number) {
    if (static_cast<std::int32_t>(number - oldest_) <= 0) return;
    oldest_ = number;
    if (static_cast<std::int32_t>(oldest_ - next_) > 0) next_ = oldest_;
    moved_ = Clock::now();
  }

  void take(const Octet* text, std::size_t size, std::uint32_t number, bool ends) {
    if (size == 0 && !ends) return;
    has_news_ = true;
    if (number != expected_) return;
    std::memcpy(application(size), text, size);
    expected_ += static_cast<std::uint32_t>(size) + (ends ? 1 : 0);
    if (local_ == 7) owed_ += size;
    if (local_ == 80) is_asked_ = true;
    if (ends) {
      is_asked_ = false;
      send(kFin | kAck, 0);
      has_news_ = false;
    }
  }

  // Sends what the window takes, at most sixteen segments; whether anything was sent.
  bool give() {
    bool any = false;
    for (int i = 0; i < 16; ++i) {
      const std::size_t size = is_asked_ ? most_ : owed_;
      if (size == 0 || next_ - oldest_ + size > window_) break;
      send(kAck, size);
      next_ += static_cast<std::uint32_t>(size);
      if (!is_asked_) owed_ = 0;
      any = true;
    }
    if (next_ != oldest_ && Clock::now() - moved_ > std::chrono::milliseconds(50)) {
      next_ = oldest_;
      moved_ = Clock::now();
    }
    return any;
  }

  void send(Octet flags, std::size_t text) {
    const bool is_syn = (flags & kSyn) != 0;
    const std::size_t header = is_syn ? 28 : 20, segment = header + text;
    Octet* frame = out_.data() + offset_;
    std::memset(frame, 0, kTcp + header);
    std::memcpy(frame, peer_mac_, 6);
    std::memcpy(frame + 6, kMac, 6);
    put16(frame + 12, 0x0800);
    frame[kIp] = 0x45;
    put16(frame + kIp + 2, kTcp - kIp + segment);
    put16(frame + kIp + 6, 0x4000);
    frame[kIp + 8] = 64;
    frame[kIp + 9] = 6;
    std::memcpy(frame + kIp + 12, &address_, 4);
    std::memcpy(frame + kIp + 16, peer_, 4);
    const auto ip_sum = static_cast<std::uint16_t>(~fold(sum(frame + kIp, 20)));
    std::memcpy(frame + kIp + 10, &ip_sum, 2);
    Octet* tcp = frame + kTcp;
    put16(tcp, local_);
    put16(tcp + 2, port_);
    put32(tcp + 4, next_);
    put32(tcp + 8, expected_);
    tcp[12] = static_cast<Octet>(header << 2);
    tcp[13] = flags;
    put16(tcp + 14, is_syn ? 65'535 : 4095);  // times 1,024: 4 MB
    if (is_syn) put32(tcp + 20, 0x02040000 | kMss), put32(tcp + 24, 0x0103030a);
    if (text != 0) std::memcpy(tcp + header, application(text), text);
    std::uint64_t total = pseudo_header(frame, segment);
    if (offset_ == 0) total += sum(tcp, segment);
    const auto tcp_sum = static_cast<std::uint16_t>(offset_ == 0 ? ~fold(total) : fold(total));
    std::memcpy(tcp + 16, &tcp_sum, 2);
    if (offset_ != 0) describe(header, text);
    if (::write(fd_, out_.data(), offset_ + kTcp + segment) < 0) std::perror("write");
  }

  // The checksum is left to the kernel, and the cutting.
  void describe(std::size_t header, std::size_t text) {
    const bool is_long = text > kMss;
    const std::uint16_t words[4] = {static_cast<std::uint16_t>(is_long ? kTcp + header : 0),
                                    static_cast<std::uint16_t>(is_long ? kMss : 0), kTcp, 16};
    out_[0] = 1;
    out_[1] = is_long ? 1 : 0;
    std::memcpy(&out_[2], words, sizeof words);
  }

  void answer_arp(const Octet* frame) {
    if (frame[21] != 1 || std::memcmp(frame + 38, &address_, 4) != 0) return;
    std::vector<Octet> reply(offset_ + 42);
    Octet* out = reply.data() + offset_;
    std::memcpy(out, frame, 42);
    std::memcpy(out, frame + 6, 6);
    std::memcpy(out + 6, kMac, 6);
    out[21] = 2;
    std::memcpy(out + 22, kMac, 6);
    std::memcpy(out + 28, frame + 38, 4);
    std::memcpy(out + 32, frame + 22, 10);
    if (::write(fd_, reply.data(), reply.size()) < 0) std::perror("write");
  }

  Octet* application(std::size_t size) {
    if (at_ + size > program_.size()) at_ = 0;
    at_ += size;
    return &program_[at_ - size];
  }

  static constexpr Octet kMac[6] = {2, 0x12, 0x34, 0x56, 0x78, 0x9a};

  int fd_;
  std::uint32_t address_;  // network order
  std::size_t offset_;     // of the frame in what is read and written
  std::size_t most_;       // octets of text at once
  Octet peer_mac_[6] = {}, peer_[4] = {};
  std::uint16_t port_ = 0, local_ = 0;
  std::uint32_t expected_ = 0, next_ = 0, oldest_ = 0, window_ = 0;
  Octet scale_ = 0;
  std::size_t owed_ = 0;  // octets to echo
  bool is_asked_ = false, has_news_ = false;
  Clock::time_point moved_ = Clock::now();
  std::size_t at_ = 0;
  std::vector<Octet> in_ = std::vector<Octet>(70'000), out_ = std::vector<Octet>(70'000);
  std::vector<Octet> program_ = std::vector<Octet>(kApplication);
};

int open_tap(const std::string& name, bool has_offload) {
  const int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | (has_offload ? IFF_VNET_HDR : 0));
  int header = kVirtio;
  if (fd < 0 || ::ioctl(fd, TUNSETIFF, &request) != 0) return -1;
  if (!has_offload) return fd;
  if (::ioctl(fd, TUNSETVNETHDRSZ, &header) != 0) return -1;
  return ::ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) == 0 ? fd : -1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const bool has_offload = std::string(argv[3]) == "offload";
  const int fd = open_tap(argv[1], has_offload);
  if (fd < 0) return std::perror("TAP device"), 1;
  Bound(fd, ::inet_addr(argv[2]), has_offload).run();
}
