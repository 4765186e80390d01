// SPDX-License-Identifier: MIT
#include "tests/property/swarm.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <new>

#include "stack/base/assert.h"

namespace strata::property {
namespace {

constexpr unsigned kJobsMax = 64;
constexpr int kProgressMilliseconds = 10'000;

// What the processes share.
struct Shared {
  std::atomic<std::uint64_t> next_seed{0};
  std::atomic<std::uint64_t> seeds{0};
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> completed{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> repeated{0};
  std::array<std::atomic<std::uint64_t>, kJobsMax> current{};  // by job: the seed being played
};

void write_line(int to, const std::string& line) {
  // At most PIPE_BUF octets: one write, whole.
  const std::string text = line.substr(0, 1000) + "\n";
  STRATA_ASSERT(write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

void play(const SwarmOptions& options, Shared& shared, unsigned job, int report) {
  for (;;) {
    const std::uint64_t seed = shared.next_seed++;
    if (seed > options.last) return;
    shared.current[job] = seed;
    const bool twice = options.repeat_every > 0 && seed % options.repeat_every == 0;
    const SeedOutcome outcome = run_seed(seed, twice);
    if (twice && run_seed(seed, true).fingerprint != outcome.fingerprint) {
      write_line(report, fmt::format("{} the same seed gave another run", seed));
    }
    for (const std::string& what : outcome.violations) {
      write_line(report, fmt::format("{} {}", seed, what));
    }
    ++shared.seeds;
    shared.repeated += twice ? 1 : 0;
    shared.events += outcome.events;
    shared.connections += outcome.connections;
    shared.completed += outcome.completed;
    shared.timed_out += outcome.timed_out;
  }
}

// One process that plays seeds, and the pipe on which it reports what is wrong.
struct Job {
  pid_t process = -1;
  int pipe = -1;
  std::string text;  // received, up to an incomplete line
};

class Swarm {
 public:
  Swarm(const SwarmOptions& options,
        const std::function<void(std::uint64_t, const std::string&)>& on_failure,
        const std::function<void(const SwarmTotals&)>& on_progress)
      : options_(options), on_failure_(on_failure), on_progress_(on_progress) {
    void* memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    STRATA_ASSERT(memory != MAP_FAILED);
    shared_ = new (memory) Shared{};
    shared_->next_seed = options.first;
    jobs_.resize(std::min(std::max(options.jobs, 1U), kJobsMax));
  }
  ~Swarm() { munmap(shared_, sizeof(Shared)); }
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  SwarmTotals run() {
    for (unsigned i = 0; i < jobs_.size(); ++i) start(i);
    std::size_t running = jobs_.size();
    while (running > 0) {
      std::vector<pollfd> polls;
      for (const Job& job : jobs_) polls.push_back({.fd = job.pipe, .events = POLLIN});
      if (poll(polls.data(), polls.size(), kProgressMilliseconds) == 0 && on_progress_) {
        on_progress_(totals());
      }
      for (unsigned i = 0; i < jobs_.size(); ++i) {
        if (polls[i].revents != 0 && !hear(i)) --running;
      }
    }
    return totals();
  }

 private:
  void start(unsigned index) {
    std::array<int, 2> ends{};
    STRATA_ASSERT(pipe(ends.data()) == 0);
    std::fflush(nullptr);
    const pid_t process = fork();
    STRATA_ASSERT(process >= 0);
    if (process == 0) {
      close(ends[0]);
      play(options_, *shared_, index, ends[1]);
      _exit(0);
    }
    close(ends[1]);
    jobs_[index] = {.process = process, .pipe = ends[0], .text = {}};
  }

  // Takes what a job has written. False: it has ended, and there is no more to play.
  bool hear(unsigned index) {
    Job& job = jobs_[index];
    std::array<char, 4096> buffer{};
    const ssize_t octets = read(job.pipe, buffer.data(), buffer.size());
    if (octets > 0) {
      job.text.append(buffer.data(), static_cast<std::size_t>(octets));
      for (std::size_t end; (end = job.text.find('\n')) != std::string::npos;) {
        const std::size_t blank = job.text.find(' ');
        fail(std::stoull(job.text.substr(0, blank)), job.text.substr(blank + 1, end - blank - 1));
        job.text.erase(0, end + 1);
      }
      return true;
    }
    close(job.pipe);
    job.pipe = -1;  // poll() ignores it
    int status = 0;
    waitpid(job.process, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return false;
    ++shared_->seeds;
    fail(shared_->current[index],
         WIFSIGNALED(status)
             ? fmt::format("ended by signal {}: the reason is on standard error", WTERMSIG(status))
             : "ended: the reason is on standard error");
    start(index);
    return true;
  }

  void fail(std::uint64_t seed, const std::string& what) {
    if (seed != last_failed_) ++failures_;
    last_failed_ = seed;
    on_failure_(seed, what);
  }

  SwarmTotals totals() const {
    return {.seeds = shared_->seeds,
            .events = shared_->events,
            .connections = shared_->connections,
            .completed = shared_->completed,
            .timed_out = shared_->timed_out,
            .repeated = shared_->repeated,
            .failures = failures_};
  }

  const SwarmOptions& options_;
  const std::function<void(std::uint64_t, const std::string&)>& on_failure_;
  const std::function<void(const SwarmTotals&)>& on_progress_;
  Shared* shared_ = nullptr;
  std::vector<Job> jobs_;
  std::uint64_t failures_ = 0;
  std::uint64_t last_failed_ = ~std::uint64_t{0};
};

}  // namespace

SwarmTotals run_swarm(const SwarmOptions& options,
                      const std::function<void(std::uint64_t, const std::string&)>& on_failure,
                      const std::function<void(const SwarmTotals&)>& on_progress) {
  return Swarm(options, on_failure, on_progress).run();
}

}  // namespace strata::property
