// SPDX-License-Identifier: MIT
// `http-client`: fetches pages over HTTP/1.1 (RFC 9112), on one connection or one each, and reports
// status, size and time of each.
#include <fmt/format.h>

#include <array>

#include "stack/application/program_support.h"
#include "stack/wire/http_reader.h"

namespace strata::application {
namespace {

struct Url {
  std::string authority;  // "server:80"
  std::string path;       // "/index.html"

  // Without a port: 80. Nullopt: not "http://host[:port][/path]".
  static std::optional<Url> parse(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    if (!text.starts_with(kScheme)) return std::nullopt;
    text.remove_prefix(kScheme.size());
    const std::size_t slash = std::min(text.find('/'), text.size());
    Url url{.authority = std::string(text.substr(0, slash)),
            .path = std::string(text.substr(slash))};
    if (url.path.empty()) url.path = "/";
    if (url.authority.empty()) return std::nullopt;
    return url;
  }
  Result<Endpoint> resolve(Process process) const {
    const bool has_port = authority.find(':', authority.rfind(']') + 1) != std::string::npos;
    return process.resolve_endpoint(has_port ? authority : authority + ":80");
  }
};

// One response, as far as the client cares.
struct Response {
  std::uint16_t status = 0;
  std::int64_t bytes = 0;
  bool persists = false;
};

// What has arrived on a connection and is not used yet.
struct Unread {
  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(16'384);
  Bytes pending;
};

// Reads one response. Protocol errors are protocol_error. `inbox` belongs to the awaiting task.
Task<Result<Response>> read_response(Process process, socket::Fd fd, Unread* inbox,
                                     std::string method) {
  wire::HttpResponseReader reader;
  reader.set_request_method(method);
  Response response;
  while (!reader.is_complete()) {
    if (inbox->pending.empty()) {
      const MutableBytes into = inbox->buffer;
      const Result<std::size_t> octets = co_await process.recv_into(fd, into);
      if (!octets) co_return unexpected(octets.error());
      if (*octets == 0) {
        // The server closed: the end of some bodies, a broken promise otherwise.
        if (!reader.has_started()) co_return unexpected(Errc::connection_aborted);
        if (!reader.finish()) co_return unexpected(Errc::protocol_error);
        break;
      }
      inbox->pending = Bytes(inbox->buffer).first(*octets);
    }
    const auto step = reader.read(inbox->pending);
    if (!step) co_return unexpected(Errc::protocol_error);
    inbox->pending = inbox->pending.subspan(step->consumed);
    response.bytes += static_cast<std::int64_t>(step->body.size());
  }
  response.status = reader.head().status;
  response.persists = wire::is_persistent(reader.head().minor_version, reader.head().fields);
  co_return response;
}

std::string request_head(const Url& url, const std::string& method, bool persists) {
  wire::HttpRequest request;
  request.method = method;
  request.target = url.path;
  request.fields.add("Host", url.authority);
  request.fields.add("User-Agent", "Strata");
  if (!persists) request.fields.add("Connection", "close");
  return request.to_head();
}

// The connection that the client keeps, if it keeps one.
struct Connection {
  Endpoint remote;
  socket::Fd fd = -1;
  Unread inbox;
};

Task<void> disconnect(Process process, Connection* connection) {
  const socket::Fd fd = std::exchange(connection->fd, -1);
  if (fd < 0) co_return;
  connection->inbox.pending = {};
  co_await process.close(fd);
}

// Fetches once. connection_aborted: a kept connection had been closed meanwhile; ask again.
Task<Result<Response>> fetch_on(Process process, Connection* connection, Url url,
                                std::string method, bool persists) {
  std::string head = request_head(url, method, persists);
  const Result<std::size_t> sent = co_await process.send(connection->fd, std::move(head));
  Result<Response> response = unexpected(sent ? Errc{} : sent.error());
  if (sent) {
    response = co_await read_response(process, connection->fd, &connection->inbox, method);
  }
  co_return response;
}

bool is_stale(Errc error) {
  return error == Errc::connection_aborted || error == Errc::broken_pipe ||
         error == Errc::connection_reset;
}

void report(Process process, const std::string& what, const Result<Response>& response,
            Duration elapsed) {
  if (!response) {
    process.fail(what, response.error());
    return;
  }
  process.count("responses");
  process.count(fmt::format("status-{}", response->status));
  process.count("received", response->bytes);
  process.print([&] {
    return fmt::format("{} -> {} {}, {} bytes in {}", what, response->status,
                       wire::reason_phrase(response->status), response->bytes, to_text(elapsed));
  });
}

// Fetches one URL, on the kept connection if that leads to the right server. True: a response came.
Task<bool> fetch(Process process, Connection* connection, Url url, Arguments arguments) {
  const bool persists = arguments.boolean("persistent");
  const std::string method = arguments.text("method");
  const Result<Endpoint> remote = url.resolve(process);
  const Instant start = process.now();
  process.count("requests");
  Result<Response> response = unexpected(Errc::host_unreachable);
  if (!remote) response = unexpected(remote.error());
  for (int attempt = 0; remote && attempt < 2; ++attempt) {
    if (connection->fd >= 0 && connection->remote != *remote) {
      co_await disconnect(process, connection);
    }
    const bool is_fresh = connection->fd < 0;
    if (is_fresh) {
      const auto fd = co_await open_client(process, socket::Type::stream, *remote);
      if (!fd) co_return false;
      process.count("connections");
      connection->fd = *fd;
      connection->remote = *remote;
    }
    response = co_await fetch_on(process, connection, url, method, persists);
    if (!persists || !response || !response->persists) {
      co_await disconnect(process, connection);
    }
    // RFC 9112 9.3.1: a request may be repeated when a kept connection turns out to be closed.
    if (response || is_fresh || !is_stale(response.error())) break;
  }
  report(process, method + " " + url.path, response, process.now() - start);
  co_return response.has_value();
}

// The URLs an argument names, in order.
std::vector<Url> urls_of(Process process, const Arguments& arguments) {
  std::vector<Url> urls;
  for (const std::string& text : split_list(arguments.text("url"))) {
    if (const auto url = Url::parse(text)) urls.push_back(*url);
    if (!Url::parse(text)) process.fail("'" + text + "' is not an http URL");
  }
  if (urls.empty() || !arguments.has("paths")) return urls;
  const std::string authority = urls.front().authority;
  urls.clear();
  for (const std::string& path : split_list(arguments.text("paths"))) {
    urls.push_back(Url{.authority = authority, .path = path});
  }
  return urls;
}

Task<void> run_http_client(Process process, Arguments arguments) {
  const std::vector<Url> urls = urls_of(process, arguments);
  process.count("responses", 0);
  process.count("received", 0);
  Connection connection;
  DurationFigures times;
  bool is_first = true;
  for (std::int64_t round = 0; round < arguments.integer("count"); ++round) {
    for (const Url& url : urls) {
      const Duration pause = is_first ? Duration::zero() : arguments.duration("pause");
      is_first = false;
      if (pause > Duration::zero()) {
        co_await process.sleep(pause);
      }
      const Instant start = process.now();
      const bool is_fetched = co_await fetch(process, &connection, url, arguments);
      if (is_fetched) times.add(process.now() - start);
    }
  }
  times.publish(process, "time");
  co_await disconnect(process, &connection);
}

constexpr std::array kHttpClientParameters{
    Parameter{"url", ParameterKind::url, true, "", "What to fetch: http://server:80/index.html."},
    Parameter{"paths", ParameterKind::text, false, "",
              "Several paths on that server, instead of the one in the URL: '/a, /b'."},
    Parameter{"count", ParameterKind::count, false, "1", "How often to fetch them."},
    Parameter{"method", ParameterKind::text, false, "GET", "The request method."},
    Parameter{"persistent", ParameterKind::boolean, false, "true",
              "Whether one connection serves all requests."},
    Parameter{"pause", ParameterKind::duration, false, "0 s", "Between two requests."},
};

}  // namespace

constexpr Program kHttpClient{
    "http-client", "Fetches pages over HTTP/1.1.", kHttpClientParameters, run_http_client,
    "requests responses received connections status-* time-min time-average time-max"};

}  // namespace strata::application
