// SPDX-License-Identifier: MIT
// Replays the fuzz corpora in every ordinary build: each file as it is, cut short, and with a fixed
// number of seeded mutations, so that what a fuzzer once found stays found.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/base/random.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int kMutationsPerFile = 200;

using Octets = std::vector<std::uint8_t>;

std::vector<Octets> corpus_of(const std::string& target) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path{STRATA_FUZZ_CORPUS} / target)) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<Octets> corpus;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

// One to four small changes: a bit, a byte, a copy of a piece, a cut.
Octets mutate(Octets octets, RandomStream& random) {
  const std::uint64_t changes = 1 + random.below(4);
  for (std::uint64_t i = 0; i < changes && !octets.empty(); ++i) {
    const std::size_t at = random.below(octets.size());
    const auto place = octets.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(5)) {
      case 0:
        *place ^= static_cast<std::uint8_t>(1U << random.below(8));
        break;
      case 1:
        *place = static_cast<std::uint8_t>(random.below(256));
        break;
      case 2:
        *place = random.below(2) == 0 ? std::uint8_t{0} : std::uint8_t{0xff};
        break;
      case 3: {
        const Octets piece{place, std::min(place + 16, octets.end())};
        octets.insert(place, piece.begin(), piece.end());
        break;
      }
      default:
        octets.resize(at);
        break;
    }
  }
  return octets;
}

class Replay : public ::testing::TestWithParam<Target> {};

TEST_P(Replay, SurvivesItsCorpusAndMutationsOfIt) {
  const Target& target = GetParam();
  const std::vector<Octets> corpus = corpus_of(target.name);
  EXPECT_FALSE(corpus.empty()) << "no seeds in tests/fuzz/corpus/" << target.name;
  RandomStream random(1, target.name);
  target.run({});
  for (const Octets& octets : corpus) {
    target.run(octets);
    for (int i = 0; i < kMutationsPerFile; ++i) target.run(mutate(octets, random));
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, ::testing::ValuesIn(targets()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace strata::fuzz
