// SPDX-License-Identifier: MIT
#include "stack/wire/field.h"

#include <array>
#include <span>

#include "stack/wire/icmpv4.h"
#include "stack/wire/physical.h"
#include "stack/wire/registry.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

struct Table {
  std::string_view name;
  std::span<const Field> fields;
  std::size_t bytes;  // of the header it describes
};

const std::array kTables{
    Table{"physical", physical_field::kAll, 8},
    Table{"ethernet", ethernet_field::kAll, 14},
    Table{"vlan", vlan_field::kAll, 6},
    Table{"arp", arp_field::kAll, 28},
    Table{"ipv4", ipv4_field::kAll, 20},
    Table{"icmp", icmpv4_field::kAll, 8},
    Table{"icmp echo", icmpv4_field::kEcho, 8},
    Table{"icmp unreachable", icmpv4_field::kUnreachable, 8},
    Table{"icmp redirect", icmpv4_field::kRedirect, 8},
    Table{"icmp parameter problem", icmpv4_field::kParameterProblem, 8},
    Table{"icmp time exceeded", icmpv4_field::kTimeExceeded, 8},
    Table{"udp", udp_field::kAll, 8},
    Table{"tcp", tcp_field::kAll, 20},
};

TEST(FieldTable, EveryBitOfAHeaderBelongsToExactlyOneField) {
  for (const Table& table : kTables) {
    std::size_t next = 0;
    for (const Field& field : table.fields) {
      EXPECT_EQ(field.bit_offset, next) << table.name << ": " << field.name;
      next = field.bit_offset + std::size_t{field.bit_width};
    }
    EXPECT_EQ(next, table.bytes * 8) << table.name;
  }
}

TEST(FieldTable, EveryFieldHasANameAndSaysWhereItIsDefined) {
  for (const Table& table : kTables) {
    for (const Field& field : table.fields) {
      EXPECT_FALSE(field.name.empty()) << table.name;
      EXPECT_TRUE(field.section.starts_with("RFC ") || field.section.starts_with("IEEE 802"))
          << table.name << ": " << field.name;
    }
  }
}

TEST(FieldTable, TheRegistryShowsTheTableOfEachHeader) {
  for (const ProtocolEntry& entry : registry()) {
    EXPECT_EQ(entry_of(entry.protocol).name, entry.name);
    const bool has_header = entry.protocol != Protocol::http && entry.protocol != Protocol::data;
    EXPECT_EQ(!entry.fields.empty(), has_header) << entry.name;
  }
}

constexpr Field kAcrossBytes{"test", "", 5, 13, "RFC 0"};
constexpr Field kWholeWord{"test", "", 16, 16, "RFC 0"};
constexpr Field kOneBit{"test", "", 9, 1, "RFC 0"};

TEST(Field, ReadsMostSignificantBitFirst) {
  const std::array<std::uint8_t, 4> header{0b00000101, 0b10100101, 0b11000011, 0xff};

  EXPECT_EQ(read<kAcrossBytes>(header.data()), 0b1011010010111U);
  EXPECT_EQ(read<kOneBit>(header.data()), 0U);
  EXPECT_EQ(read<kWholeWord>(header.data()), 0xc3ffU);
}

TEST(Field, WritingLeavesTheNeighbourBitsAlone) {
  std::array<std::uint8_t, 4> header{0xff, 0xff, 0xff, 0xff};
  write<kAcrossBytes>(header.data(), 0);
  EXPECT_EQ(header, (std::array<std::uint8_t, 4>{0b11111000, 0, 0b00111111, 0xff}));

  write<kAcrossBytes>(header.data(), 0x1fff);
  EXPECT_EQ(header, (std::array<std::uint8_t, 4>{0xff, 0xff, 0xff, 0xff}));
}

TEST(Field, BitsBeyondTheWidthAreCutOff) {
  std::array<std::uint8_t, 4> header{};
  write<kOneBit>(header.data(), 0xfffe);
  EXPECT_EQ(header, (std::array<std::uint8_t, 4>{}));
}

TEST(Field, TheRunTimeReaderAgreesWithTheCompiledOne) {
  RandomHeaders random("field");
  for (int i = 0; i < 200; ++i) {
    const auto header = random.bytes(20);
    EXPECT_EQ(read(kAcrossBytes, header), read<kAcrossBytes>(header.data()));
    EXPECT_EQ(read(ipv4_field::kFragmentOffset, header),
              read<ipv4_field::kFragmentOffset>(header.data()));
    EXPECT_EQ(read(tcp_field::kSequence, header), read<tcp_field::kSequence>(header.data()));
    EXPECT_EQ(read(ethernet_field::kSource, header), read<ethernet_field::kSource>(header.data()));
  }
}

}  // namespace
}  // namespace strata::wire
