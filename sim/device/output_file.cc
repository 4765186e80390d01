// SPDX-License-Identifier: MIT
#include "sim/device/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "sim/device/descriptor.h"
#include "stack/base/system_memory.h"

namespace strata::device {
namespace {

// Empties the file, which nobody else may be writing, and opens it; null with errno set. The lock
// goes with the descriptor, so a run that is killed leaves nothing that would have to be removed.
std::FILE* open_alone(const std::string& name) {
  for (;;) {
    Descriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    struct stat opened {};
    if (file.get() < 0 || ::fstat(file.get(), &opened) != 0) return nullptr;
    if (S_ISREG(opened.st_mode)) {
      if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return nullptr;
      struct stat named {};
      // Another run has completed it since: it has its own name now.
      if (::stat(name.c_str(), &named) != 0 || named.st_ino != opened.st_ino) continue;
      if (::ftruncate(file.get(), 0) != 0) return nullptr;
    }
    return ::fdopen(file.release(), "wb");
  }
}

// Whether the file system takes pages of memory for the disk as they are. One that does not say so
// (tmpfs, overlays) copies them as ever.
bool takes_pages(int file) {
  struct statx status {};
  if (::statx(file, "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) != 0) return false;
  const auto fits = [](std::uint32_t alignment) {
    return alignment != 0 && kPageBytes % alignment == 0;
  };
  return (status.stx_mask & STATX_DIOALIGN) != 0 && fits(status.stx_dio_offset_align) &&
         fits(status.stx_dio_mem_align);
}

std::string reason_of_last_error() {
  return errno == EWOULDBLOCK ? "another run is writing it" : std::strerror(errno);
}

}  // namespace

void OutputFile::Close::operator()(std::FILE* stream) const {
  if (stream != stdout) std::fclose(stream);
}

tl::expected<OutputFile, FileError> OutputFile::create(std::string path) {
  if (path == kStandardOutput) return OutputFile{"standard output", stdout};
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  const bool is_replaced =
      !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  const auto followed = std::filesystem::weakly_canonical(path, error);
  const std::string target = error ? path : followed.string();
  const std::string temporary = is_replaced ? target + ".part" : "";
  std::FILE* stream = is_replaced ? open_alone(temporary) : std::fopen(path.c_str(), "wb");
  if (stream == nullptr) {
    return tl::unexpected(fmt::format("cannot write {}: {}", path, reason_of_last_error()));
  }
  OutputFile file(std::move(path), stream);
  file.target_ = target;
  file.temporary_ = temporary;
  file.passes_cache_ = is_replaced && takes_pages(::fileno(stream));
  return file;
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

std::optional<FileError> OutputFile::write(Bytes octets) {
  if (stream_ == nullptr) return fmt::format("cannot write {}: it is closed", path_);
  if (octets.empty()) return std::nullopt;  // fwrite() wants an address
  if (std::fwrite(octets.data(), 1, octets.size(), stream_.get()) == octets.size()) {
    return std::nullopt;
  }
  return failure();
}

std::optional<FileError> OutputFile::write_pages(Bytes pages) {
  if (!passes_cache_ || stream_ == nullptr) return write(pages);
  if (auto error = flush()) return error;
  const int file = ::fileno(stream_.get());
  const int flags = ::fcntl(file, F_GETFL);
  if (::fcntl(file, F_SETFL, flags | O_DIRECT) != 0) return write(pages);
  ssize_t taken = 0;
  do {
    taken = ::write(file, pages.data(), pages.size());
    if (taken > 0) pages = pages.subspan(static_cast<std::size_t>(taken));
  } while (!pages.empty() && (taken > 0 || (taken < 0 && errno == EINTR)));
  ::fcntl(file, F_SETFL, flags);
  return write(pages);  // what is left, or fails for good
}

std::optional<FileError> OutputFile::flush() {
  if (stream_ == nullptr || std::fflush(stream_.get()) == 0) return std::nullopt;
  return failure();
}

std::optional<FileError> OutputFile::commit() {
  if (stream_ == nullptr) return fmt::format("cannot write {}: it is closed", path_);
  errno = 0;
  if (std::fflush(stream_.get()) != 0 || std::ferror(stream_.get()) != 0) return failure();
  if (!temporary_.empty()) {
    if (std::rename(temporary_.c_str(), target_.c_str()) != 0) return failure();
    temporary_.clear();
  }
  if (stream_.get() == stdout) {
    stream_.reset();
  } else if (std::fclose(stream_.release()) != 0) {
    return failure();
  }
  return std::nullopt;
}

FileError OutputFile::failure() const {
  // The stream remembers that an earlier write failed, but not why.
  return fmt::format("cannot write {}: {}", path_,
                     errno != 0 ? std::strerror(errno) : "a write failed");
}

}  // namespace strata::device
