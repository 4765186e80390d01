// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/signature.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "stack/base/assert.h"
#include "stack/wire/options.h"

namespace strata::tcp {
namespace {

constexpr std::uint8_t kTcp = 6;  // the protocol number of the pseudo-header
constexpr auto kKind = static_cast<std::uint8_t>(wire::TcpOptionKind::md5_signature);

void append_be16(std::vector<std::uint8_t>& octets, std::size_t value) {
  octets.push_back(static_cast<std::uint8_t>(value >> 8));
  octets.push_back(static_cast<std::uint8_t>(value));
}

void append_be32(std::vector<std::uint8_t>& octets, std::uint32_t value) {
  append_be16(octets, value >> 16);
  append_be16(octets, value & 0xffff);
}

}  // namespace

Signature signature_of(const wire::TcpHeader& header, Bytes text, const IpAddress& source,
                       const IpAddress& destination, std::string_view key) {
  // RFC 2385 2.0: 1. the pseudo-header, 2. the header, options excluded and the checksum zero.
  std::vector<std::uint8_t> front;
  append_be32(front, source.v4().value());
  append_be32(front, destination.v4().value());
  append_be16(front, kTcp);
  append_be16(front, header.header_bytes() + text.size());
  append_be16(front, header.source_port);
  append_be16(front, header.destination_port);
  append_be32(front, header.sequence.raw());
  append_be32(front, header.acknowledgement.raw());
  front.push_back(static_cast<std::uint8_t>((header.header_bytes() / 4) << 4 | header.reserved));
  front.push_back(header.flags);
  append_be16(front, header.window);
  append_be16(front, 0);
  append_be16(front, header.urgent_pointer);

  Signature digest{};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free};
  // 3. the text, 4. the key.
  const bool is_done = EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) == 1 &&
                       EVP_DigestUpdate(context.get(), front.data(), front.size()) == 1 &&
                       EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
                       EVP_DigestUpdate(context.get(), key.data(), key.size()) == 1 &&
                       EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  STRATA_ASSERT(is_done);
  return digest;
}

void sign(wire::TcpHeader& header, Bytes text, const IpAddress& source,
          const IpAddress& destination, std::string_view key) {
  const wire::OptionBytes others = header.options;
  const auto with = [&](const Signature& signature) {
    std::array<std::uint8_t, wire::OptionBytes::kBytesMax> octets{};
    STRATA_ASSERT(kSignatureBytes + others.size() <= octets.size());
    octets[0] = octets[1] = wire::Option::kNoOperation;
    octets[2] = kKind;
    octets[3] = 2 + sizeof(Signature);
    std::ranges::copy(signature, octets.begin() + 4);
    std::ranges::copy(others.bytes(), octets.begin() + kSignatureBytes);
    return wire::OptionBytes{Bytes{octets}.first(kSignatureBytes + others.size())};
  };
  header.options = with({});  // how many octets they are counts
  header.options = with(signature_of(header, text, source, destination, key));
}

bool is_signed(const wire::TcpHeader& header, Bytes text, const IpAddress& source,
               const IpAddress& destination, std::string_view key) {
  const auto values = wire::TcpOptionValues::from(header.options.bytes());
  return values.signature &&
         std::ranges::equal(*values.signature,
                            signature_of(header, text, source, destination, key));
}

}  // namespace strata::tcp
