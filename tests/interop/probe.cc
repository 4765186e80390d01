// SPDX-License-Identifier: MIT
// The other side of the tests in network namespaces: a program that uses the kernel's own sockets.
//
//     probe churn ADDRESS PORT COUNT       connect, exchange, close: COUNT times, eight at once
//     probe idle ADDRESS PORT COUNT PID S  CPU time of PID in S seconds with COUNT idle connections
//     probe send ADDRESS PORT COUNT SIZE   COUNT datagrams of SIZE octets, as fast as they go
//     probe receive PORT MS                counts datagrams until none came for MS milliseconds
//     probe pour ADDRESS PORT S            sends for S seconds, says how fast
//     probe drain ADDRESS PORT S           asks a web server for gigabytes and reads for S seconds
//     probe serve PORT COUNT               takes all, answers GET with gigabytes, COUNT times
//     probe meter PORT MS                  how fast one connection delivers, once it is under way
//     probe echo ADDRESS PORT COUNT        round trips of 64 octets
//     probe signed ADDRESS PORT KEY        one exchange whose segments are signed (RFC 2385)
//     probe hostile INTERFACE S SEED       frames, malformed and not, at full speed for S seconds
#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <linux/tcp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

sockaddr_in address_of(const std::string& text, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, text.c_str(), &address.sin_addr);
  return address;
}

// Any address as the socket calls take it.
template <typename Address>
const sockaddr* generic(const Address& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

// A connected stream socket; -1: it was refused or took too long.
int connected(const sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, generic(address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

bool exchange(const sockaddr_in& address, int number) {
  const int fd = connected(address);
  if (fd < 0) return false;
  const std::string text = fmt::format("{:010}", number);
  std::string back(text.size(), '\0');
  const bool good =
      ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()) &&
      ::recv(fd, back.data(), back.size(), MSG_WAITALL) == static_cast<ssize_t>(back.size()) &&
      back == text;
  ::close(fd);
  return good;
}

int churn(const sockaddr_in& address, int count) {
  std::atomic<int> next{0};
  std::atomic<int> good{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int number = next++; number < count; number = next++) good += exchange(address, number);
    });
  }
  threads.clear();
  fmt::print("{} of {} connections\n", good.load(), count);
  return good == count ? 0 : 1;
}

// User and system time of a process, in clock ticks (proc(5)).
long ticks_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::string word;
  std::vector<std::string> words;
  for (const char c : text.substr(text.rfind(')') + 2)) {
    if (c == ' ') {
      words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  return std::stol(words.at(11)) + std::stol(words.at(12));
}

int idle(const sockaddr_in& address, int count, int pid, int seconds) {
  const rlimit limit{.rlim_cur = 65'536, .rlim_max = 65'536};
  ::setrlimit(RLIMIT_NOFILE, &limit);
  std::vector<int> sockets;
  for (int i = 0; i < count; ++i) sockets.push_back(connected(address));
  const long failed = std::count(sockets.begin(), sockets.end(), -1);
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const long before = ticks_of(pid);
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  fmt::print("{} connections idle for {} s: {} ms of CPU time\n", count - failed, seconds,
             (ticks_of(pid) - before) * 1000 / ::sysconf(_SC_CLK_TCK));
  return failed == 0 ? 0 : 1;
}

int send_datagrams(const sockaddr_in& address, int count, std::size_t size) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  std::vector<char> text(size);
  for (int i = 0; i < count; ++i) {
    while (::sendto(fd, text.data(), text.size(), 0, generic(address), sizeof address) < 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    // The device queue of the kernel is short: what it cannot hold is not the link's loss.
    if (i % 64 == 63) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return 0;
}

int receive_datagrams(int port, int silence_ms) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int buffer = 64 << 20;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
  const sockaddr_in local = address_of("0.0.0.0", port);
  if (::bind(fd, generic(local), sizeof local) != 0) return 1;
  long count = 0;
  double first = 0;
  double last = 0;
  double octets = 0;  // after the first datagram
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  while (::poll(&waiting, 1, count == 0 ? 20'000 : silence_ms) > 0) {
    std::array<char, 65'536> text{};
    std::array<char, 256> control{};
    iovec part{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(fd, &message, 0);
    if (size < 0) continue;
    timespec at{};
    if (const cmsghdr* head = CMSG_FIRSTHDR(&message)) {
      std::memcpy(&at, CMSG_DATA(head), sizeof at);
    }
    last = static_cast<double>(at.tv_sec) + 1e-9 * static_cast<double>(at.tv_nsec);
    if (count++ == 0) {
      first = last;
    } else {
      octets += static_cast<double>(size);
    }
  }
  fmt::print("received {} rate {:.0f}\n", count, last > first ? octets * 8 / (last - first) : 0.0);
  return 0;
}

// ---- figures ----

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int transfer(const sockaddr_in& address, int seconds, bool sends) {
  const int fd = connected(address);
  if (fd < 0) return 1;
  std::string requests;  // one after the other on one connection: 100 GB
  for (int i = 0; i < 100; ++i) requests += "GET /bytes/1000000000 HTTP/1.1\r\nHost: a\r\n\r\n";
  if (!sends && ::send(fd, requests.data(), requests.size(), 0) < 0) return 1;
  std::vector<char> text(256 * 1024);
  const auto start = Clock::now();
  double octets = 0;
  while (seconds_since(start) < seconds) {
    const ssize_t count = sends ? ::send(fd, text.data(), text.size(), MSG_NOSIGNAL)
                                : ::recv(fd, text.data(), text.size(), 0);
    if (count <= 0) break;
    octets += static_cast<double>(count);
  }
  fmt::print("{:.2f} Gbit/s\n", octets * 8e-9 / seconds_since(start));
  ::close(fd);
  return 0;
}

int listener_on(int port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in local = address_of("0.0.0.0", port);
  const bool good =
      ::bind(listener, generic(local), sizeof local) == 0 && ::listen(listener, 5) == 0;
  return good ? listener : -1;
}

// Leaves out the first half second, in which TCP finds out how much the way takes.
int meter(int port, int milliseconds) {
  const int fd = ::accept(listener_on(port), nullptr, nullptr);
  if (fd < 0) return 1;
  std::vector<char> text(256 * 1024);
  const auto octets_in = [&](double seconds, double& taken) {
    const auto start = Clock::now();
    double octets = 0;
    while ((taken = seconds_since(start)) < seconds) {
      const ssize_t count = ::recv(fd, text.data(), text.size(), 0);
      if (count <= 0) break;
      octets += static_cast<double>(count);
    }
    return octets;
  };
  double seconds = 0;
  octets_in(0.5, seconds);
  const double octets = octets_in(milliseconds * 1e-3, seconds);
  fmt::print("rate {:.0f}\n", octets * 8 / seconds);
  ::close(fd);
  return 0;
}

// The other end of transfer(), for peers that join two kernels.
int serve(int port, int count) {
  const int listener = listener_on(port);
  if (listener < 0) return 1;
  std::vector<char> text(256 * 1024);
  for (int i = 0; i < count; ++i) {
    const int fd = ::accept(listener, nullptr, nullptr);
    const ssize_t first = ::recv(fd, text.data(), text.size(), 0);
    const bool is_asked = first > 3 && std::memcmp(text.data(), "GET", 3) == 0;
    while (first > 0 && (is_asked ? ::send(fd, text.data(), text.size(), MSG_NOSIGNAL)
                                  : ::recv(fd, text.data(), text.size(), 0)) > 0) {
    }
    ::close(fd);
  }
  return 0;
}

int echo(const sockaddr_in& address, int count) {
  const int fd = connected(address);
  if (fd < 0) return 1;
  std::array<char, 64> text{};
  std::vector<double> microseconds;
  for (int i = 0; i < count; ++i) {
    const auto start = Clock::now();
    if (::send(fd, text.data(), text.size(), 0) < 0 ||
        ::recv(fd, text.data(), text.size(), MSG_WAITALL) <= 0) {
      return 1;
    }
    microseconds.push_back(seconds_since(start) * 1e6);
  }
  std::sort(microseconds.begin(), microseconds.end());
  fmt::print("median {:.1f} us, 99 % below {:.1f} us\n", microseconds[microseconds.size() / 2],
             microseconds[microseconds.size() * 99 / 100]);
  return 0;
}

// ---- a hostile sender --------------------------------------------------------------------------

using Frame = std::vector<std::uint8_t>;

// 10.77.1.1 to 10.77.2.20 by way of the router, whose MAC is that of the second node, first port.
Frame datagram(std::uint8_t protocol, std::initializer_list<std::uint8_t> payload,
               std::size_t padding) {
  Frame frame{2, 0, 0, 0, 2, 1,  2,        0, 0, 0,  9,  9, 8, 0,  0x45, 0, 0,
              0, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 77, 1, 1, 10, 77,   2, 20};
  frame.insert(frame.end(), payload);
  frame.resize(frame.size() + padding, 0x5a);
  const std::size_t length = frame.size() - 14;
  frame[16] = static_cast<std::uint8_t>(length >> 8);
  frame[17] = static_cast<std::uint8_t>(length);
  return frame;
}

std::vector<Frame> templates() {
  return {
      // To the web server and to the echo server: SYN, ACK, RST, FIN, SYN and FIN with options.
      datagram(6,
               {0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x60, 2, 4, 0, 0, 0, 0, 0, 2, 4, 5, 180},
               0),
      datagram(6, {0x9c, 0x40, 0, 80, 0, 0, 0, 2, 0, 0, 0, 9, 0x50, 0x10, 4, 0, 0, 0, 0, 0}, 100),
      datagram(6, {0x9c, 0x40, 0, 7, 0, 0, 0, 2, 0, 0, 0, 9, 0x50, 0x14, 4, 0, 0, 0, 0, 0}, 0),
      datagram(6, {0x9c, 0x40, 0, 7, 0, 0, 0, 2, 0, 0, 0, 9, 0xf0, 0x03, 4, 0, 0, 0, 0, 0}, 40),
      datagram(17, {0, 53, 0, 7, 0, 28, 0, 0}, 20),
      datagram(17, {0, 53, 0x77, 7, 0, 28, 0, 0}, 20),
      datagram(1, {8, 0, 0, 0, 0, 1, 0, 1}, 56),
      datagram(1, {3, 4, 0, 0, 0, 0, 2, 0, 0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0}, 28),
      datagram(1, {5, 1, 0, 0, 10, 77, 1, 1, 0x45, 0, 0, 40}, 36),
      datagram(41, {0, 0, 0, 0}, 10),
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0,  0, 9, 9, 8, 6, 0, 1, 8, 0,  6,  4, 0,
       1,    2,    0,    0,    0,    9,    9, 10, 77, 1, 9, 0, 0, 0, 0, 0, 0, 10, 77, 1, 254},
      {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 9, 9, 0x81, 0, 0, 5, 8, 0},
  };
}

// Says "hello" and prints what comes back, or why nothing does.
int exchange_signed(const sockaddr_in& address, const std::string& key) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  tcp_md5sig signature{};
  std::memcpy(&signature.tcpm_addr, &address, sizeof address);
  signature.tcpm_keylen = static_cast<std::uint16_t>(key.copy(
      static_cast<char*>(static_cast<void*>(signature.tcpm_key)), sizeof signature.tcpm_key));
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  std::array<char, 100> answer{};
  const bool is_done =
      ::setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &signature, sizeof signature) == 0 &&
      ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
      ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
      ::connect(fd, generic(address), sizeof address) == 0 && ::send(fd, "hello", 5, 0) == 5 &&
      ::recv(fd, answer.data(), answer.size() - 1, 0) >= 0;
  fmt::print("{}\n", is_done ? answer.data() : std::strerror(errno));
  ::close(fd);
  return is_done ? 0 : 1;
}

std::uint16_t internet_sum(const std::uint8_t* octets, std::size_t size, std::uint32_t sum) {
  for (std::size_t i = 0; i < size; ++i) {
    sum += i % 2 == 0 ? std::uint32_t{octets[i]} << 8 : octets[i];
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// Right checksums, so that the frame gets past the first gate. Most headers have 20 octets.
void seal(Frame& frame) {
  if (frame.size() < 42 || frame[12] != 8 || frame[13] != 0) return;
  const auto put = [&](std::size_t at, std::uint16_t value) {
    if (at + 1 >= frame.size()) return;
    frame[at] = static_cast<std::uint8_t>(value >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(value);
  };
  put(24, 0);
  put(24, internet_sum(&frame[14], 20, 0));
  const std::size_t length = frame.size() - 34;
  const std::uint8_t protocol = frame[23];
  if (protocol == 1) {
    put(36, 0);
    put(36, internet_sum(&frame[34], length, 0));
  } else if (protocol == 6) {
    put(50, 0);
    std::uint32_t pseudo = protocol + static_cast<std::uint32_t>(length);
    for (std::size_t i = 26; i < 34; i += 2) pseudo += std::uint32_t{frame[i]} << 8 | frame[i + 1];
    put(50, internet_sum(&frame[34], length, pseudo));
  }
}

// ARP in the name of 10.77.1.1. Whoever is believed there (RFC 826) has its frames from then on,
// and the transfer stands still until the kernel speaks for itself again, a minute later.
bool claims_the_kernels_address(const Frame& frame) {
  return frame.size() > 31 && frame[12] == 8 && frame[13] == 6 && frame[31] == 1;
}

int hostile(const std::string& interface, int seconds, unsigned seed) {
  const int fd = ::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  std::mt19937 random(seed);
  const std::vector<Frame> kinds = templates();
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  long sent = 0;
  while (Clock::now() < end) {
    Frame frame = kinds[random() % kinds.size()];
    // Another port, so that tables see many; then octets anywhere, ends cut off or added.
    if (frame.size() > 36) frame[34] = static_cast<std::uint8_t>(random());
    if (frame.size() > 36) frame[35] = static_cast<std::uint8_t>(random());
    for (unsigned changes = random() % 4; changes > 0; --changes) {
      frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 8 == 0) frame.resize(14 + random() % (frame.size() - 13));
    if (random() % 16 == 0) frame.resize(frame.size() + random() % 1400, 0xa5);
    if (claims_the_kernels_address(frame)) frame[31] = 9;
    if (random() % 4 != 0) seal(frame);
    sent += ::sendto(fd, frame.data(), std::min<std::size_t>(frame.size(), 1514), 0, generic(to),
                     sizeof to) > 0;
  }
  fmt::print("{} frames\n", sent);
  return sent > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t i) { return std::stoi(words.at(i)); };
  if (words.empty()) return 2;
  if (words[0] == "churn") return churn(address_of(words.at(1), number(2)), number(3));
  if (words[0] == "idle") {
    return idle(address_of(words.at(1), number(2)), number(3), number(4), number(5));
  }
  if (words[0] == "send") {
    return send_datagrams(address_of(words.at(1), number(2)), number(3),
                          static_cast<std::size_t>(number(4)));
  }
  if (words[0] == "receive") return receive_datagrams(number(1), number(2));
  if (words[0] == "pour" || words[0] == "drain") {
    return transfer(address_of(words.at(1), number(2)), number(3), words[0] == "pour");
  }
  if (words[0] == "serve") return serve(number(1), number(2));
  if (words[0] == "meter") return meter(number(1), number(2));
  if (words[0] == "echo") return echo(address_of(words.at(1), number(2)), number(3));
  if (words[0] == "signed") {
    return exchange_signed(address_of(words.at(1), number(2)), words.at(3));
  }
  if (words[0] == "hostile")
    return hostile(words.at(1), number(2), static_cast<unsigned>(number(3)));
  return 2;
}
