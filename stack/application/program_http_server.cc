// SPDX-License-Identifier: MIT
// `http-server`: HTTP/1.1 (RFC 9112) with persistent connections, one task per connection or one
// connection after the other. It has pages of given sizes, and /bytes/N for any N; what they say is
// a pattern. /objects/N is a page for browsers that consists of N objects.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>

#include "stack/application/program_support.h"
#include "stack/base/assert.h"
#include "stack/wire/http_reader.h"

namespace strata::application {
namespace {

constexpr std::string_view kGenerated = "/bytes/";
constexpr std::int64_t kGeneratedMax = 1'000'000'000;
constexpr std::string_view kObjects = "/objects/";
constexpr std::int64_t kObjectsMax = 1000;

// What a server offers. Owned by each connection's task: paths and sizes are few.
class Site {
 public:
  // "/ 1000, /big 1000000": paths and sizes in octets.
  static std::optional<Site> parse(std::string_view text);
  // What a target names; nullopt: nothing.
  struct Page {
    std::int64_t size = 0;  // of a pattern
    std::string text;       // of a page for browsers; empty: a pattern
  };
  std::optional<Page> find(std::string_view target) const;

 private:
  std::map<std::string, std::int64_t, std::less<>> pages_;
};

std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t size = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  if (size < 0 || size > kGeneratedMax) return std::nullopt;
  return size;
}

std::optional<Site> Site::parse(std::string_view text) {
  Site site;
  const std::vector<std::string> words = split_list(text);
  if (words.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto size = parse_size(words[i + 1]);
    if (!size || !words[i].starts_with('/')) return std::nullopt;
    site.pages_[words[i]] = *size;
  }
  return site;
}

// A page that fetches `objects` objects of 1,000 octets and more, and then says what came.
std::string page_of_objects(std::int64_t objects) {
  return fmt::format(R"(<!doctype html><meta charset="utf-8"><title>Strata</title>
<h1>{0} objects from a simulated server</h1><p id="sum">loading</p>
<script>
const sizes = Array.from({{length: {0}}}, (_, i) => 1000 * (i + 1));
Promise.all(sizes.map(n => fetch('/bytes/' + n).then(r => r.arrayBuffer()))).then(all => {{
  document.getElementById('sum').textContent =
    all.length + ' objects, ' + all.reduce((sum, b) => sum + b.byteLength, 0) + ' octets';
}});
</script>
)",
                     objects);
}

std::optional<Site::Page> Site::find(std::string_view target) const {
  // RFC 9112 3.2.2: the absolute form must be accepted.
  constexpr std::string_view kScheme = "http://";
  if (target.starts_with(kScheme)) {
    const std::size_t slash = target.find('/', kScheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  const std::string_view path = target.substr(0, target.find('?'));
  const auto found = pages_.find(path);
  if (found != pages_.end()) return Page{.size = found->second};
  if (path.starts_with(kObjects)) {
    const auto objects = parse_size(path.substr(kObjects.size()));
    if (!objects || *objects > kObjectsMax) return std::nullopt;
    std::string text = page_of_objects(*objects);
    return Page{.size = static_cast<std::int64_t>(text.size()), .text = std::move(text)};
  }
  if (!path.starts_with(kGenerated)) return std::nullopt;
  const auto size = parse_size(path.substr(kGenerated.size()));
  return size ? std::optional(Page{.size = *size}) : std::nullopt;
}

// RFC 9110 9.1: methods that are known, whether or not they are allowed here.
bool is_known_method(std::string_view method) {
  constexpr std::array<std::string_view, 9> kMethods{
      "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

struct Reply {
  std::uint16_t status = 200;
  std::int64_t length = 0;
  bool has_body = true;   // false: the head only, as HEAD wants it
  std::string text = {};  // the body; empty: a pattern
};

Reply reply_to(const wire::HttpRequest& request, const Site& site) {
  const bool is_head = request.method == "HEAD";
  // RFC 9110 15.6.2: 501 for a method nobody knows; 15.5.6: 405 for one that is not allowed.
  if (!is_known_method(request.method)) return {.status = 501};
  if (request.method != "GET" && !is_head) return {.status = 405};
  auto page = site.find(request.target);
  if (!page) return {.status = 404, .has_body = !is_head};
  return {.status = 200, .length = page->size, .has_body = !is_head, .text = std::move(page->text)};
}

std::string head_of(const Reply& reply, bool persists) {
  wire::HttpResponse response;
  response.status = reply.status;
  response.reason = wire::reason_phrase(reply.status);
  response.fields.add("Server", "Strata");
  if (reply.status == 200) {
    response.fields.add("Content-Type",
                        reply.text.empty() ? "application/octet-stream" : "text/html");
  }
  if (reply.status == 405) response.fields.add("Allow", "GET, HEAD");
  response.fields.add("Content-Length", std::to_string(reply.length));
  if (!persists) response.fields.add("Connection", "close");
  return response.to_head();
}

// Sends head and body. False: the connection is of no use any more.
Task<bool> send_reply(Process process, socket::Fd fd, Reply reply, bool persists) {
  process.count("responses");
  process.count(fmt::format("status-{}", reply.status));
  std::string head = head_of(reply, persists);
  std::int64_t left = reply.has_body ? reply.length : 0;
  // A small body travels in the same call as its head, as servers do.
  std::int64_t offset = std::min<std::int64_t>(left, kPatternPieceMost);
  const std::size_t head_bytes = head.size();
  head.resize(head_bytes + static_cast<std::size_t>(offset));
  if (reply.text.empty()) {
    fill_pattern(as_mutable_bytes(head).subspan(head_bytes), 0);
  } else {
    head.replace(head_bytes, std::string::npos, reply.text, 0, static_cast<std::size_t>(offset));
  }
  Result<std::size_t> sent = co_await process.send(fd, std::move(head));
  process.count("sent", sent ? offset : 0);
  left -= offset;
  while (sent && left > 0) {
    const auto size = static_cast<std::size_t>(std::min<std::int64_t>(left, kPatternPieceMost));
    const StaticBytes piece = pattern_piece(static_cast<std::uint64_t>(offset), size);
    sent = co_await process.send_static(fd, piece);
    offset += static_cast<std::int64_t>(size);
    left -= static_cast<std::int64_t>(size);
    process.count("sent", sent ? static_cast<std::int64_t>(size) : 0);
  }
  if (!sent) process.fail("send", sent.error());
  co_return sent.has_value();
}

// RFC 9112 9.6: closing with unread octets would reset the connection and could destroy the last
// response on its way; so this shuts one direction and reads on for a while.
Task<void> close_gently(Process process, socket::Fd fd) {
  std::vector<std::uint8_t> buffer(4096);
  const Instant deadline = after(process.now(), 1s);
  (void)process.shutdown(fd, socket::How::write);
  for (;;) {
    const Result<std::size_t> octets = co_await process.recv_into(fd, buffer, deadline);
    if (!octets || *octets == 0) break;
  }
  co_await process.close(fd);
}

enum class Arrival : std::uint8_t { request, end, malformed };

// Octets of a connection that have arrived and are not understood yet.
struct Inbox {
  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(8192);
  Bytes pending;
  wire::HttpRequestReader reader;
  wire::HttpError error{};
};

// Reads up to the end of the next request. `inbox` belongs to the awaiting task.
Task<Arrival> next_request(Process process, socket::Fd fd, Inbox* inbox, Duration keep_alive) {
  const Instant deadline = after(process.now(), keep_alive);
  inbox->reader.restart();
  for (;;) {
    while (!inbox->pending.empty() && !inbox->reader.is_complete()) {
      const auto step = inbox->reader.read(inbox->pending);
      if (!step) {
        inbox->error = step.error();
        co_return Arrival::malformed;
      }
      inbox->pending = inbox->pending.subspan(step->consumed);
    }
    if (inbox->reader.is_complete()) co_return Arrival::request;
    const MutableBytes into = inbox->buffer;
    const Result<std::size_t> octets = co_await process.recv_into(fd, into, deadline);
    if (!octets && octets.error() != Errc::timed_out) process.fail("recv", octets.error());
    if (!octets) process.count("timeouts", octets.error() == Errc::timed_out ? 1 : 0);
    if (!octets || *octets == 0) co_return Arrival::end;
    inbox->pending = Bytes(inbox->buffer).first(*octets);
  }
}

Task<void> serve(Process process, socket::Fd fd, Site site, Arguments arguments) {
  Inbox inbox;
  const bool may_persist = arguments.boolean("persistent");
  const Duration delay = arguments.duration("delay");
  for (;;) {
    const Arrival arrival =
        co_await next_request(process, fd, &inbox, arguments.duration("keep-alive"));
    if (arrival == Arrival::end) break;
    Reply reply{.status = 400};
    bool persists = false;
    if (arrival == Arrival::request) {
      const wire::HttpRequest& request = inbox.reader.head();
      persists = may_persist && wire::is_persistent(request.minor_version, request.fields);
      reply = reply_to(request, site);
      process.count("requests");
      process.print(
          [&] { return fmt::format("{} {} -> {}", request.method, request.target, reply.status); });
    } else {
      reply.status = wire::status_for(inbox.error);
      process.count("malformed");
    }
    if (delay > Duration::zero()) {
      co_await process.sleep(delay);
    }
    const bool is_sent = co_await send_reply(process, fd, reply, persists);
    if (!is_sent || !persists) break;
  }
  co_await close_gently(process, fd);
}

Task<void> run_http_server(Process process, Arguments arguments) {
  const auto site = Site::parse(arguments.text("pages"));
  STRATA_ASSERT(site);  // the parameter accepts nothing else
  const bool is_concurrent = arguments.text("mode") == "concurrent";
  const Result<socket::Fd> listener =
      open_server(process, socket::Type::stream, arguments.integer("listen"));
  if (!listener) co_return;
  process.count("requests", 0);
  for (;;) {
    const socket::Fd connection = co_await next_connection(process, *listener);
    process.count("connections");
    if (is_concurrent) {
      process.spawn(serve(process, connection, *site, arguments));
    } else {
      co_await serve(process, connection, *site, arguments);
    }
  }
}

constexpr std::array kHttpServerParameters{
    Parameter{"listen", ParameterKind::port, false, "80", "The port."},
    Parameter{
        "pages", ParameterKind::text, false, "/ 1000, /index.html 1000",
        "Paths and their sizes in bytes; /bytes/N and /objects/N (a page of N objects) exist in "
        "any case."}
        .accepted_by([](std::string_view text) { return Site::parse(text).has_value(); }),
    Parameter{"mode", ParameterKind::text, false, "concurrent",
              "'concurrent': a task per connection; 'iterative': one connection after the other."}
        .one_of("concurrent iterative"),
    Parameter{"persistent", ParameterKind::boolean, false, "true",
              "Whether a connection may serve several requests."},
    Parameter{"keep-alive", ParameterKind::duration, false, "5 s",
              "How long to wait for the next request of a connection."},
    Parameter{"delay", ParameterKind::duration, false, "0 s", "How long finding an answer takes."},
};

}  // namespace

constexpr Program kHttpServer{"http-server", "Serves pages over HTTP/1.1.", kHttpServerParameters,
                              run_http_server,
                              "requests responses sent connections timeouts malformed status-*"};

}  // namespace strata::application
