// SPDX-License-Identifier: MIT
#include "stack/network/icmp.h"

#include <algorithm>
#include <cstring>

namespace strata::network {
namespace {

constexpr std::size_t kQuotedBytesMin = 8;  // RFC 792: "64 bits of Original Data Datagram"

}  // namespace

IcmpError IcmpError::unreachable(wire::UnreachableCode code) {
  return {wire::IcmpType::destination_unreachable, static_cast<std::uint8_t>(code), 0};
}

IcmpError IcmpError::fragmentation_needed(std::uint16_t next_hop_mtu) {
  IcmpError error = unreachable(wire::UnreachableCode::fragmentation_needed);
  error.rest = next_hop_mtu;
  return error;
}

IcmpError IcmpError::time_exceeded_in_transit() { return {wire::IcmpType::time_exceeded, 0, 0}; }

IcmpError IcmpError::reassembly_time_exceeded() { return {wire::IcmpType::time_exceeded, 1, 0}; }

IcmpError IcmpError::parameter_problem(std::uint8_t pointer) {
  return {wire::IcmpType::parameter_problem, 0, std::uint32_t{pointer} << 24};
}

IcmpError IcmpError::redirect_host(Ipv4Address gateway) {
  return {wire::IcmpType::redirect, 1, gateway.value()};
}

bool may_provoke_error(const wire::Ipv4Header& header, Bytes payload) {
  if (header.fragment_offset != 0) return false;
  if (header.destination.is_limited_broadcast() || header.destination.is_multicast()) return false;
  // "a datagram whose source address does not define a single host". Loopback addresses do within
  // this host, and those from the wire were dropped as martians.
  const Ipv4Address source = header.source;
  if (source.is_this_network() || source.is_limited_broadcast() || source.is_multicast() ||
      source.is_class_e()) {
    return false;
  }
  if (header.protocol != IpProtocol::icmp) return true;
  return !payload.empty() && !wire::Icmpv4Message{.type = wire::IcmpType{payload[0]}}.is_error();
}

Packet make_error(const Packet& cause, const IcmpError& error, Bytes header, Bytes payload) {
  constexpr std::size_t kQuoteBytesMax =
      kIcmpErrorBytesMax - wire::Ipv4Header::kBytesMin - wire::Icmpv4Message::kHeaderBytes;
  payload = payload.first(std::min(payload.size(), kQuoteBytesMax - header.size()));
  Packet message = cause.pool().make(header.size() + payload.size());
  std::uint8_t* quote = message.mutable_bytes().data();
  std::memcpy(quote, header.data(), header.size());
  if (!payload.empty()) std::memcpy(quote + header.size(), payload.data(), payload.size());
  message.push_front(wire::Icmpv4Message::kHeaderBytes, Protocol::icmpv4);
  wire::Icmpv4Message{.type = error.type, .code = error.code, .rest = error.rest}.emit(
      message.mutable_bytes());
  message.set_parent(cause.uid(), Parentage::reply);
  return message;
}

Packet make_echo_reply(const Packet& cause, const wire::Icmpv4Message& request, Bytes data) {
  Packet message = cause.pool().make(data);
  message.push_front(wire::Icmpv4Message::kHeaderBytes, Protocol::icmpv4);
  wire::Icmpv4Message{.type = wire::IcmpType::echo_reply, .code = 0, .rest = request.rest}.emit(
      message.mutable_bytes());
  message.set_parent(cause.uid(), Parentage::reply);
  return message;
}

std::optional<QuotedDatagram> quoted_datagram(Bytes message) {
  const Bytes quote = message.subspan(wire::Icmpv4Message::kHeaderBytes);
  const auto header = wire::Ipv4Header::parse_quoted(quote);
  if (!header || header->fragment_offset != 0) return std::nullopt;
  if (header->header_bytes() > quote.size() || header->total_length < header->header_bytes()) {
    return std::nullopt;
  }
  const std::size_t whole = header->payload_bytes();
  const Bytes rest = quote.subspan(header->header_bytes());
  if (rest.size() < std::min(whole, kQuotedBytesMin)) return std::nullopt;
  return QuotedDatagram{*header, rest.first(std::min(rest.size(), whole))};
}

TokenBucket::TokenBucket(std::uint32_t per_second, std::uint32_t burst)
    : cost_(per_second == 0 ? Duration{0} : Duration{std::chrono::seconds{1}} / per_second),
      full_(cost_ * std::max(burst, 1U)),
      credit_(full_) {}

bool TokenBucket::take(Instant now) {
  if (cost_ == Duration{0}) return false;
  if (now > updated_) {
    credit_ = std::min(full_, credit_ + std::min(full_, now - updated_));
    updated_ = now;
  }
  if (credit_ < cost_) return false;
  credit_ -= cost_;
  return true;
}

}  // namespace strata::network
