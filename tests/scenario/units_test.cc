// SPDX-License-Identifier: MIT
// Quantities as people write them.
#include "sim/scenario/units.h"

namespace strata::scenario {
namespace {

struct Good {
  std::string_view text;
  std::int64_t value;
};
struct Bad {
  std::string_view text;
  std::string_view what;
  std::string_view mend;
};

template <typename T>
std::string error_of(const Parsed<T>& parsed) {
  return parsed ? "no mistake" : parsed.error().what + "; " + parsed.error().mend;
}

TEST(Units, DurationsAreExactNanoseconds) {
  for (const Good& row :
       {Good{"5 ms", 5'000'000}, Good{"20ms", 20'000'000}, Good{"1 s", 1'000'000'000},
        Good{"0.1 ms", 100'000}, Good{"1.5 us", 1'500}, Good{"2 µs", 2'000},
        Good{"47.666666 ms", 47'666'666}, Good{"1e-3 s", 1'000'000}, Good{"2 min", 120'000'000'000},
        Good{"1 h", 3'600'000'000'000}, Good{"0 s", 0}, Good{"  7   ns ", 7},
        Good{"1E2 ns", 100}}) {
    const auto parsed = parse_duration(row.text);
    ASSERT_TRUE(parsed) << row.text << ": " << error_of(parsed);
    EXPECT_EQ(parsed->count(), row.value) << row.text;
  }
}

TEST(Units, MistakesInDurationsAreToldWithTheMend) {
  for (const Bad& row :
       {Bad{"5", "'5' has no unit", "write '5 ms'"},
        Bad{"", "a duration is missing", "write for instance '10 ms'"},
        Bad{"-1 s", "a duration cannot be negative", ""},
        Bad{"5 sec", "'sec' is not a unit of duration", "write '5 s'"},
        Bad{"5 MS", "'MS' is not a unit of duration", "write '5 ms'"},
        Bad{"0.5 ns", "'0.5 ns' is finer than 1 ns", ""}, Bad{"1e9 h", "'1e9 h' is too large", ""},
        Bad{"1e400 s", "'1e400 s' is too large", ""},
        Bad{"soon", "'soon' is not a duration", "write for instance '10 ms'"},
        Bad{"5 bytes", "'bytes' is not a unit of duration", "units: ns, us, µs, ms, s, min, h"},
        Bad{"1.2.3 s", "'.3 s' is not a unit of duration", "units: ns, us, µs, ms, s, min, h"}}) {
    EXPECT_EQ(error_of(parse_duration(row.text)),
              std::string{row.what} + "; " + std::string{row.mend});
  }
}

TEST(Units, RatesAreBitsPerSecondInPowersOfTen) {
  for (const Good& row :
       {Good{"10 Mbit/s", 10'000'000}, Good{"9.6 kbit/s", 9'600}, Good{"1Gbit/s", 1'000'000'000},
        Good{"300 bit/s", 300}, Good{"1.6 Tbit/s", 1'600'000'000'000}, Good{"unlimited", 0}}) {
    const auto parsed = parse_rate(row.text);
    ASSERT_TRUE(parsed) << row.text << ": " << error_of(parsed);
    EXPECT_EQ(*parsed, static_cast<std::uint64_t>(row.value)) << row.text;
  }
}

TEST(Units, MistakesInRatesAreToldWithTheMend) {
  for (const Bad& row : {Bad{"10 Mbps", "'Mbps' is not a unit of rate", "write '10 Mbit/s'"},
                         Bad{"10 mbit/s", "'mbit/s' is not a unit of rate", "write '10 Mbit/s'"},
                         Bad{"10M", "'M' is not a unit of rate", "write '10 Mbit/s'"},
                         Bad{"100", "'100' has no unit", "write '100 Mbit/s'"},
                         Bad{"0 bit/s", "a rate of zero moves nothing",
                             "write 'unlimited' for a link that is infinitely fast"},
                         Bad{"0.1 bit/s", "'0.1 bit/s' is finer than 1 bit/s", ""}}) {
    EXPECT_EQ(error_of(parse_rate(row.text)), std::string{row.what} + "; " + std::string{row.mend});
  }
}

TEST(Units, SizesDistinguishThousandsFromKibi) {
  for (const Good& row : {Good{"64 kB", 64'000}, Good{"64 KiB", 65'536}, Good{"14600", 14'600},
                          Good{"14600 bytes", 14'600}, Good{"1 byte", 1}, Good{"1.5 kB", 1'500},
                          Good{"4 MiB", 4 << 20}, Good{"2 GB", 2'000'000'000}, Good{"0", 0}}) {
    const auto parsed = parse_bytes(row.text);
    ASSERT_TRUE(parsed) << row.text << ": " << error_of(parsed);
    EXPECT_EQ(*parsed, static_cast<std::uint64_t>(row.value)) << row.text;
  }
  EXPECT_EQ(error_of(parse_bytes("64 KB")), "'KB' is not a unit of size; write '64 kB'");
  EXPECT_EQ(error_of(parse_bytes("64 K")), "'K' is not a unit of size; write '64 KiB'");
  EXPECT_EQ(error_of(parse_bytes("0.5 bytes")), "'0.5 bytes' is finer than 1 byte; ");
}

TEST(Units, ProbabilitiesAreBetweenNeverAndAlways) {
  EXPECT_EQ(parse_probability("1 %"), Probability::ratio(1, 100));
  EXPECT_EQ(parse_probability("0.02"), Probability::ratio(2, 100));
  EXPECT_EQ(parse_probability("1/50"), Probability::ratio(1, 50));
  EXPECT_EQ(parse_probability("1e-6"), Probability::ratio(1, 1'000'000));
  EXPECT_EQ(parse_probability("100 %"), Probability::always());
  EXPECT_EQ(parse_probability("0"), Probability::never());
  EXPECT_EQ(error_of(parse_probability("5")),
            "'5' is more than 1, that is, more than always; write '5 %'");
  EXPECT_EQ(error_of(parse_probability("101 %")), "'101 %' is not between 0 % and 100 %; ");
  EXPECT_EQ(error_of(parse_probability("-1 %")), "a probability cannot be negative; ");
  EXPECT_EQ(error_of(parse_probability("3/2")),
            "'3/2' is not a probability between 0 and 1; write for instance '1/50'");
  EXPECT_EQ(error_of(parse_probability("1 ms")),
            "'ms' is not a unit of probability; write '1 %', or a fraction of 1");
  EXPECT_EQ(error_of(parse_probability("often")),
            "'often' is not a probability; write for instance '1 %'");
}

TEST(Units, OrdinalsNeedTheRightEnding) {
  for (const Good& row :
       {Good{"1st", 1}, Good{"2nd", 2}, Good{"3rd", 3}, Good{"4th", 4}, Good{"11th", 11},
        Good{"12th", 12}, Good{"13th", 13}, Good{"21st", 21}, Good{"112th", 112}}) {
    const auto parsed = parse_ordinal(row.text);
    ASSERT_TRUE(parsed) << row.text << ": " << error_of(parsed);
    EXPECT_EQ(*parsed, static_cast<std::uint64_t>(row.value));
  }
  EXPECT_EQ(error_of(parse_ordinal("3")), "'3' is not an ordinal; write '3rd'");
  EXPECT_EQ(error_of(parse_ordinal("12nd")), "'12nd' is not an ordinal; write '12th'");
  EXPECT_EQ(error_of(parse_ordinal("0th")), "frames count from 1; write '1st' for the first");
  EXPECT_EQ(error_of(parse_ordinal("third")),
            "'third' is not an ordinal; write for instance '3rd' for the third frame");
}

TEST(Units, TruthIsTrueOrFalse) {
  EXPECT_EQ(parse_boolean("true"), true);
  EXPECT_EQ(parse_boolean("false"), false);
  EXPECT_EQ(error_of(parse_boolean("yes")), "'yes' is neither true nor false; write true");
  EXPECT_EQ(error_of(parse_boolean("off")), "'off' is neither true nor false; write false");
  EXPECT_EQ(error_of(parse_boolean("maybe")),
            "'maybe' is neither true nor false; write true or false");
}

TEST(Units, QueuesAreLimitedInBytesOrFrames) {
  EXPECT_EQ(parse_queue("64 kB")->bytes, 64'000U);
  EXPECT_EQ(parse_queue("64 kB")->frames, 0U);
  EXPECT_EQ(parse_queue("20 frames")->frames, 20U);
  EXPECT_EQ(parse_queue("unlimited")->bytes, 0U);
  EXPECT_EQ(error_of(parse_queue("64")), "'64' has no unit; write '64 bytes' or '64 frames'");
  EXPECT_EQ(error_of(parse_queue("20 packets")),
            "'packets' is not a unit of a queue limit; write '20 frames'");
  EXPECT_EQ(error_of(parse_queue("0 frames")),
            "a queue needs room for at least one frame; write 'unlimited' for no limit");
}

TEST(Units, LengthsAreMillimetres) {
  EXPECT_EQ(*parse_length("50 m"), 50'000U);
  EXPECT_EQ(*parse_length("1.5 km"), 1'500'000U);
  EXPECT_EQ(error_of(parse_length("50 meters")), "'meters' is not a unit of length; write '50 m'");
  EXPECT_EQ(error_of(parse_length("1e-4 m")), "'1e-4 m' is finer than 1 mm; ");
}

TEST(Units, QuantitiesPrintAsPeopleWriteThem) {
  EXPECT_EQ(to_text(*parse_quantity("14600 bytes")), "14600 bytes");
  EXPECT_EQ(to_text(*parse_quantity("1 byte")), "1 byte");
  EXPECT_EQ(to_text(*parse_quantity("47.666 ms")), "47.666 ms");
  EXPECT_EQ(to_text(*parse_quantity("9.6 Mbit/s")), "9.6 Mbit/s");
  EXPECT_EQ(to_text(*parse_quantity("12.5 %")), "12.5 %");
  EXPECT_EQ(to_text(*parse_quantity("3")), "3");
  EXPECT_EQ(error_of(parse_quantity("3 apples")),
            "'apples' is not a unit; write for instance 'bytes', 'ms' or 'Mbit/s'");
}

TEST(Units, SignalsTravelAtAShareOfTheSpeedOfLight) {
  // 299 792 458 m take one second in vacuum; 100 m at 64 % take 521.18 ns.
  EXPECT_EQ(propagation_delay(299'792'458'000, 100), Duration{1s});
  EXPECT_EQ(propagation_delay(100'000, 64), Duration{521});
  EXPECT_EQ(propagation_delay(0, 64), Duration{});
}

}  // namespace
}  // namespace strata::scenario
