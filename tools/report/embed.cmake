# Makes a C++ source of the bundled report: its script, styles and page as byte arrays, and the
# hashes of script and styles for the content security policy.
#   cmake -D SCRIPT=report.js -D STYLE=report.css -D PAGE=page.html -D OUTPUT=assets.cc -P embed.cmake

# SHA-256 in base64: three hexadecimal digits are two characters.
function(base64_of_sha256 file result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  file(SHA256 "${file}" digest)
  string(APPEND digest "00")  # 256 bits are 42 characters and four bits of the 43rd
  set(text "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${digest}" ${at} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING "${alphabet}" ${high} 1 first)
    string(SUBSTRING "${alphabet}" ${low} 1 second)
    string(APPEND text "${first}${second}")
  endforeach()
  string(SUBSTRING "${text}" 0 43 text)
  set(${result} "${text}=" PARENT_SCOPE)
endfunction()

function(array_of file name result)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  set(${result} "constexpr unsigned char ${name}[] = {\n${bytes}};\n" PARENT_SCOPE)
endfunction()

base64_of_sha256("${SCRIPT}" script_hash)
base64_of_sha256("${STYLE}" style_hash)
array_of("${SCRIPT}" kScript script)
array_of("${STYLE}" kStyle style)
array_of("${PAGE}" kPage page)
file(WRITE "${OUTPUT}" "// Made by embed.cmake.
#include \"tools/report/assets.h\"

namespace strata::report {
namespace {
${script}${style}${page}
}  // namespace

const Assets& assets() {
  static const Assets kAssets{as_text(kScript), as_text(kStyle), as_text(kPage),
                              \"${script_hash}\", \"${style_hash}\"};
  return kAssets;
}

}  // namespace strata::report
")
