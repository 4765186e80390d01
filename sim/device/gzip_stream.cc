// SPDX-License-Identifier: MIT
#include "sim/device/gzip_stream.h"

#include <sys/types.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <memory>

namespace strata::device {
namespace {

class Inflater {
 public:
  explicit Inflater(std::FILE* packed) : packed_(packed) {
    constexpr int kGzipOnly = 16;  // zlib.h, inflateInit2
    is_good_ = inflateInit2(&state_, MAX_WBITS + kGzipOnly) == Z_OK;
  }
  ~Inflater() {
    inflateEnd(&state_);
    if (packed_ != stdin) std::fclose(packed_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool is_good() const { return is_good_; }

  // As read(2).
  ssize_t read(char* target, std::size_t size) {
    // zlib's octets are unsigned.
    state_.next_out = static_cast<Bytef*>(static_cast<void*>(target));
    state_.avail_out = static_cast<uInt>(size);
    while (state_.avail_out == size) {
      if (state_.avail_in == 0 && !refill()) return failure_;
      // Several files one behind the other are one; what follows otherwise is padding.
      if (is_between_ && *state_.next_in != kGzipFirstOctet) return 0;
      const int status = inflate(&state_, Z_NO_FLUSH);
      is_between_ = status == Z_STREAM_END;
      if (is_between_) inflateReset(&state_);
      if (status != Z_OK && status != Z_STREAM_END && state_.avail_out == size) {
        errno = EBADMSG;
        return -1;
      }
    }
    return static_cast<ssize_t>(size - state_.avail_out);
  }

 private:
  // False at the end, which is a proper one between two files only: see failure_.
  bool refill() {
    state_.next_in = input_.data();
    state_.avail_in = static_cast<uInt>(std::fread(input_.data(), 1, input_.size(), packed_));
    if (state_.avail_in > 0) return true;
    failure_ = std::ferror(packed_) == 0 && is_between_ ? 0 : -1;
    if (std::ferror(packed_) == 0) errno = ENODATA;
    return false;
  }

  std::FILE* packed_;
  z_stream state_{};
  bool is_good_ = false;
  bool is_between_ = false;
  ssize_t failure_ = 0;
  std::array<Bytef, 64 * 1024> input_{};
};

}  // namespace

std::FILE* unpacked(std::FILE* packed) {
  auto inflater = std::make_unique<Inflater>(packed);
  if (!inflater->is_good()) return nullptr;
  const cookie_io_functions_t calls{
      .read = [](void* self, char* target,
                 std::size_t size) { return static_cast<Inflater*>(self)->read(target, size); },
      .write = nullptr,
      .seek = nullptr,
      .close =
          [](void* self) {
            const std::unique_ptr<Inflater> ended(static_cast<Inflater*>(self));
            return 0;
          },
  };
  std::FILE* stream = ::fopencookie(inflater.get(), "rb", calls);
  if (stream != nullptr) inflater.release();
  return stream;
}

}  // namespace strata::device
