// SPDX-License-Identifier: MIT
// OutputFile: a file that is there only when it is complete. It is written under a temporary name
// in the same directory, PATH.part, and renamed by commit(); without that it disappears. A symbolic
// link leads to the file that is replaced. What is no regular file (a pipe, a device) is written
// directly, and so is standard output, whose name is "-".
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

  // Opens a file for writing; its directory must exist. An error, too, while another run writes it.
  static tl::expected<OutputFile, FileError> create(std::string path);
  OutputFile(OutputFile&&) noexcept = default;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  // Nullopt: written. After an error everything else fails alike.
  std::optional<FileError> write(Bytes octets);
  // The same for a whole number of pages of memory, when nothing but whole pages was written
  // before: past the system's cache where the file system can, which takes a tenth of the time of
  // the processor, and as long as the disk takes.
  std::optional<FileError> write_pages(Bytes pages);
  // Whether write_pages() goes past the cache.
  bool passes_cache() const { return passes_cache_; }
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

  OutputFile(std::string path, std::FILE* stream) : path_(std::move(path)), stream_(stream) {}

  std::string path_;
  std::string target_;     // what `temporary_` takes the place of: `path_`, its links followed
  std::string temporary_;  // empty when written directly, and after commit()
  std::unique_ptr<std::FILE, Close> stream_;
  bool passes_cache_ = false;
};

}  // namespace strata::device
