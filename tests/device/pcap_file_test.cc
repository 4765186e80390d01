// SPDX-License-Identifier: MIT
#include "sim/device/pcap_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <array>
#include <filesystem>

namespace strata::device {
namespace {

constexpr std::array<std::uint8_t, 20> kOctets{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

class PcapFileTest : public testing::Test {
 protected:
  PcapFileTest()
      : path_(testing::TempDir() + "strata-" +
              testing::UnitTest::GetInstance()->current_test_info()->name() + ".pcap") {
    std::filesystem::remove(path_);
  }
  ~PcapFileTest() override { std::filesystem::remove(path_); }

  std::string path_;
};

TEST_F(PcapFileTest, LibpcapReadsWhatWasWrittenWithNanoseconds) {
  auto file = PcapFile::create(path_, LinkType::ethernet, 65535);
  ASSERT_TRUE(file.has_value()) << file.error();
  file->write(kStart + 3'000'000'123ns, kOctets, kOctets.size());
  file->write(kStart + 4s, Bytes{kOctets}.first(5), kOctets.size());
  ASSERT_EQ(file->commit(), std::nullopt);

  std::array<char, PCAP_ERRBUF_SIZE> error{};
  pcap_t* reader = pcap_open_offline_with_tstamp_precision(
      path_.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
  ASSERT_NE(reader, nullptr) << error.data();
  EXPECT_EQ(pcap_datalink(reader), DLT_EN10MB);
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  ASSERT_EQ(pcap_next_ex(reader, &header, &data), 1);
  EXPECT_EQ(header->ts.tv_sec, 3);
  EXPECT_EQ(header->ts.tv_usec, 123);
  EXPECT_TRUE(std::equal(kOctets.begin(), kOctets.end(), data));
  ASSERT_EQ(pcap_next_ex(reader, &header, &data), 1);
  EXPECT_EQ(header->caplen, 5U);
  EXPECT_EQ(header->len, 20U);
  EXPECT_EQ(pcap_next_ex(reader, &header, &data), PCAP_ERROR_BREAK);
  pcap_close(reader);
}

TEST_F(PcapFileTest, WithoutCommitThereIsNoFile) {
  {
    auto file = PcapFile::create(path_, LinkType::ethernet, 65535);
    ASSERT_TRUE(file.has_value());
    file->write(kStart, kOctets, kOctets.size());
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".part"));
}

}  // namespace
}  // namespace strata::device
