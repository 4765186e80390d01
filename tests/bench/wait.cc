// SPDX-License-Identifier: MIT
// What the real-time loop pays for waiting and for reading, by the way it is done (ADR 0008):
// ppoll(), epoll and io_uring on descriptors that are ready and that are not, and frames read one
// system call at a time and in batches. The descriptors are datagram sockets: what a device adds
// inside the kernel is the same for all of them.
#include <benchmark/benchmark.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

namespace {

constexpr std::size_t kFrameBytes = 1514;
constexpr unsigned kBatch = 64;

// Pairs of connected sockets: [0] is read, [1] is written.
class Pairs {
 public:
  explicit Pairs(std::int64_t count) : ends_(static_cast<std::size_t>(count)) {
    for (auto& pair : ends_) ::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair.data());
  }
  ~Pairs() {
    for (const auto& pair : ends_) {
      ::close(pair[0]);
      ::close(pair[1]);
    }
  }
  void fill(std::size_t pair, unsigned frames) {
    static const std::array<char, kFrameBytes> kFrame{};
    for (unsigned i = 0; i < frames; ++i) {
      (void)!::write(ends_[pair][1], kFrame.data(), kFrame.size());
    }
  }
  int reader(std::size_t pair) const { return ends_[pair][0]; }
  std::size_t size() const { return ends_.size(); }

 private:
  std::vector<std::array<int, 2>> ends_;
};

void wait_with_ppoll(benchmark::State& state) {
  Pairs pairs(state.range(0));
  if (state.range(1) != 0) pairs.fill(0, 1);
  std::vector<pollfd> descriptors;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    descriptors.push_back({.fd = pairs.reader(i), .events = POLLIN, .revents = 0});
  }
  const timespec now{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(::ppoll(descriptors.data(), descriptors.size(), &now, nullptr));
  }
}

void wait_with_epoll(benchmark::State& state) {
  Pairs pairs(state.range(0));
  if (state.range(1) != 0) pairs.fill(0, 1);
  const int epoll = ::epoll_create1(0);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, pairs.reader(i), &event);
  }
  std::array<epoll_event, 8> events{};
  const timespec now{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        ::syscall(SYS_epoll_pwait2, epoll, events.data(), events.size(), &now, nullptr, 0));
  }
  ::close(epoll);
}

void read_one_by_one(benchmark::State& state) {
  Pairs pairs(1);
  std::array<char, kFrameBytes> frame{};
  for (auto _ : state) {
    state.PauseTiming();
    pairs.fill(0, static_cast<unsigned>(state.range(0)));
    state.ResumeTiming();
    while (::read(pairs.reader(0), frame.data(), frame.size()) > 0) {
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

unsigned* counter_at(char* place) { return static_cast<unsigned*>(static_cast<void*>(place)); }

// The rings of io_uring(7), with nothing but reads.
class Ring {
 public:
  Ring() {
    io_uring_params parameters{};
    fd_ = static_cast<int>(::syscall(SYS_io_uring_setup, kBatch, &parameters));
    if (fd_ < 0) return;
    const std::size_t size = std::max<std::size_t>(
        parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned),
        parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
    auto* rings = static_cast<char*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                            MAP_SHARED | MAP_POPULATE, fd_, IORING_OFF_SQ_RING));
    entries_ = static_cast<io_uring_sqe*>(
        ::mmap(nullptr, parameters.sq_entries * sizeof(io_uring_sqe), PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_POPULATE, fd_, IORING_OFF_SQES));
    tail_ = counter_at(rings + parameters.sq_off.tail);
    array_ = counter_at(rings + parameters.sq_off.array);
    completed_head_ = counter_at(rings + parameters.cq_off.head);
    completed_tail_ = counter_at(rings + parameters.cq_off.tail);
    mask_ = parameters.sq_entries - 1;
  }
  ~Ring() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool is_there() const { return fd_ >= 0; }

  // Reads `count` times in one system call and waits for all of them.
  void read_all(int from, unsigned count) {
    unsigned tail = *tail_;
    for (unsigned i = 0; i < count; ++i, ++tail) {
      io_uring_sqe& entry = entries_[tail & mask_];
      entry = {};
      entry.opcode = IORING_OP_READ;
      entry.fd = from;
      entry.addr = std::bit_cast<std::uint64_t>(frames_[i].data());
      entry.len = kFrameBytes;
      array_[tail & mask_] = tail & mask_;
    }
    std::atomic_ref(*tail_).store(tail, std::memory_order_release);
    ::syscall(SYS_io_uring_enter, fd_, count, count, IORING_ENTER_GETEVENTS, nullptr, 0);
    std::atomic_ref(*completed_head_)
        .store(std::atomic_ref(*completed_tail_).load(std::memory_order_acquire),
               std::memory_order_release);
  }

 private:
  int fd_ = -1;
  io_uring_sqe* entries_ = nullptr;
  unsigned* tail_ = nullptr;
  unsigned* array_ = nullptr;
  unsigned* completed_head_ = nullptr;
  unsigned* completed_tail_ = nullptr;
  unsigned mask_ = 0;
  std::array<std::array<char, kFrameBytes>, kBatch> frames_{};
};

void read_with_io_uring(benchmark::State& state) {
  Pairs pairs(1);
  Ring ring;
  if (!ring.is_there()) {
    state.SkipWithError("the kernel does not offer io_uring here");
    return;
  }
  for (auto _ : state) {
    state.PauseTiming();
    pairs.fill(0, static_cast<unsigned>(state.range(0)));
    state.ResumeTiming();
    ring.read_all(pairs.reader(0), static_cast<unsigned>(state.range(0)));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// Descriptors; whether one of them is ready.
BENCHMARK(wait_with_ppoll)->ArgsProduct({{1, 2, 8}, {0, 1}});
BENCHMARK(wait_with_epoll)->ArgsProduct({{1, 2, 8}, {0, 1}});
BENCHMARK(read_one_by_one)->Arg(1)->Arg(8);
BENCHMARK(read_with_io_uring)->Arg(1)->Arg(8);

}  // namespace

BENCHMARK_MAIN();
