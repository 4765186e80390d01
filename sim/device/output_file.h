// SPDX-License-Identifier: MIT
// OutputFile: a file that is there only when it is complete. It is written under a temporary name
// in the same directory and renamed by commit(); without that it disappears. The name "-" is
// standard output, which is written directly.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "stack/base/bytes.h"

namespace strata::device {

// A sentence for the user: "cannot write out/client-eth0.pcapng: No space left on device".
using FileError = std::string;

class OutputFile {
 public:
  static constexpr const char* kStandardOutput = "-";

  // Opens a file for writing; its directory must exist.
  static tl::expected<OutputFile, FileError> create(std::string path);
  OutputFile(OutputFile&&) noexcept = default;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  // Nullopt: written. After an error everything else fails alike.
  std::optional<FileError> write(Bytes octets);
  // Whoever reads along has everything that was written.
  std::optional<FileError> flush();
  // Flushes, closes and gives the file its name.
  std::optional<FileError> commit();

  const std::string& path() const { return path_; }
  // For libraries that want to write themselves; valid until commit().
  std::FILE* stream() { return stream_.get(); }
  // The error of the last operation on `path`, with the system's reason.
  FileError failure() const;

 private:
  struct Close {
    void operator()(std::FILE* stream) const;
  };

  OutputFile(std::string path, std::string temporary, std::FILE* stream)
      : path_(std::move(path)), temporary_(std::move(temporary)), stream_(stream) {}

  std::string path_;
  std::string temporary_;  // empty for standard output and after commit()
  std::unique_ptr<std::FILE, Close> stream_;
};

}  // namespace strata::device
