// SPDX-License-Identifier: MIT
#include "sim/frame_filter.h"

#include <pcap/pcap.h>

#include "sim/impairment.h"
#include "stack/base/assert.h"

namespace strata::sim {
namespace {

constexpr int kSnapshotBytes = 262144;
constexpr std::size_t kFcsBytes = 4;

}  // namespace

void FrameFilter::Free::operator()(bpf_program* program) const {
  pcap_freecode(program);
  delete program;
}

FrameFilter::Program FrameFilter::compile(const std::string& expression, std::string& error) {
  pcap_t* dead = pcap_open_dead(DLT_EN10MB, kSnapshotBytes);
  if (dead == nullptr) {
    error = "libpcap: out of memory";
    return nullptr;
  }
  Program program{new bpf_program{}};
  const bool failed =
      pcap_compile(dead, program.get(), expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0;
  if (failed) error = pcap_geterr(dead);
  pcap_close(dead);
  return failed ? nullptr : std::move(program);
}

FrameFilter::FrameFilter(const std::string& expression) {
  if (expression.empty()) return;
  std::string error;
  program_ = compile(expression, error);
  STRATA_ASSERT(program_ != nullptr);
}

bool FrameFilter::matches(Bytes frame) const {
  if (program_ == nullptr) return true;
  if (frame.size() < kFcsBytes) return false;
  pcap_pkthdr header{};
  header.caplen = static_cast<bpf_u_int32>(frame.size() - kFcsBytes);
  header.len = header.caplen;
  return pcap_offline_filter(program_.get(), &header, frame.data()) != 0;
}

std::optional<std::string> check_filter(const std::string& expression) {
  if (expression.empty()) return std::nullopt;
  std::string error;
  if (FrameFilter::compile(expression, error) == nullptr) return error;
  return std::nullopt;
}

}  // namespace strata::sim
