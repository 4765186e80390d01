// SPDX-License-Identifier: MIT
// Shell commands of a script. None is carried out: those that set what this stack has a counterpart
// of are understood, those that cannot change a packet are left out with a note, and every other
// one makes the script unsupported. What the kernel variables mean is in variables.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "sim/packetdrill/settings.h"
#include "sim/packetdrill/variables.h"

namespace strata::packetdrill {
namespace {

using Words = std::vector<std::string>;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// The commands of a text, each cut into words at white space. Commands stand on lines or between ;
// and &&; quotes hold a word together and are taken off; after a backslash the line goes on.
std::vector<Words> commands_of(std::string_view text) {
  std::vector<Words> commands(1);
  std::string word;
  bool in_word = false;
  char quote = '\0';
  const auto end_word = [&] {
    if (in_word) commands.back().push_back(std::exchange(word, {}));
    in_word = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const bool goes_on = c == '\\' && next == '\n';
    const bool is_and = c == '&' && next == '&';
    if (quote == '\0' && (c == '\n' || c == ';' || is_and)) {
      end_word();
      commands.emplace_back();
    } else if (quote == '\0' && (is_blank(c) || goes_on)) {
      end_word();
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
      in_word = true;
    } else if (c == quote) {
      quote = '\0';
    } else {
      word += goes_on ? ' ' : c;
      in_word = true;
    }
    if (goes_on || (is_and && quote == '\0')) ++i;
  }
  end_word();
  return commands;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// /proc/sys/net/ipv4/tcp_sack -> net.ipv4.tcp_sack
std::string variable_name(std::string_view written) {
  constexpr std::string_view kProc = "/proc/sys/";
  std::string name(written.starts_with(kProc) ? written.substr(kProc.size()) : written);
  std::ranges::replace(name, '/', '.');
  return name;
}

void assign(std::string_view word, Settings& settings) {
  const std::size_t sign = word.find('=');
  if (sign == std::string_view::npos) return;  // only asks
  const std::string name = variable_name(word.substr(0, sign));
  const std::string value(word.substr(sign + 1));
  settings.variables[name] = value;
  if (set_variable(name, value, settings)) return;
  if (settings.unsupported.empty()) {
    settings.unsupported = fmt::format("the kernel variable {} = {}", name, value);
  }
}

// Programs that look, end others, prepare what is there already, or are about what a card divides
// and joins: nothing of the host changes.
constexpr std::array<std::string_view, 51> kLookers{
    "[",        "arp",      "awk",       "cat",    "chmod",    "cut",   "date",     "dd",
    "diff",     "dmesg",    "done",      "echo",   "egrep",    "else",  "ethtool",  "exit",
    "false",    "fi",       "fstat",     "grep",   "head",     "if",    "kill",     "killall",
    "kldload",  "kldstat",  "kldunload", "logger", "lsof",     "mkdir", "modprobe", "ndp",
    "netstat",  "nstat",    "pkill",     "printf", "procstat", "rm",    "sed",      "sleep",
    "sockstat", "ss",       "sync",      "tail",   "tcpdump",  "test",  "then",     "touch",
    "true",     "truncate", "vmstat"};

bool has(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// The number behind `word`.
std::optional<std::int64_t> number_behind(const Words& words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end() || found + 1 == words.end()) return std::nullopt;
  const std::string& text = *(found + 1);
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc()) return std::nullopt;
  return value;
}

// "ip link set dev tun0 mtu 9000", "ifconfig tun0 mtu 9000": the interface of the stack.
bool set_mtu(const Words& words, Settings& settings) {
  constexpr std::int64_t kLeast = 68;  // RFC 791 3.2
  constexpr std::int64_t kMost = 65535;
  const auto mtu = number_behind(words, "mtu");
  if (!mtu || *mtu < kLeast || *mtu > kMost) return false;
  settings.machine.mtu = mtu_for_ipv4(settings, static_cast<std::uint16_t>(*mtu));
  return true;
}

// What `defaults.sh` of Linux's suites sets beside the profile. The one that came first lies in a
// folder `common` and has every listener take text on SYNs.
void set_linux_defaults(std::string_view path, Settings& settings) {
  const tcp::Config before = settings.machine.tcp;
  settings.machine.tcp = tcp::config_for(tcp::Profile::linux_kernel);
  // Are not set there.
  tcp::Persona& persona = settings.machine.tcp.persona;
  persona.first_window_most = before.persona.first_window_most;
  persona.answers_unsent_acks = before.persona.answers_unsent_acks;
  persona.challenges_crossing_syn_ack = before.persona.challenges_crossing_syn_ack;
  persona.cookie_needs_text = before.persona.cookie_needs_text;
  persona.handshake_errors = before.persona.handshake_errors;
  settings.machine.tcp.joined_segment = before.joined_segment;
  const bool is_of_kernel = path.find("common") == std::string_view::npos;
  // The kernel's own suite is younger than SYNs that are repeated after a second each.
  persona.linear_syn_timeouts = is_of_kernel ? 4 : before.persona.linear_syn_timeouts;
  assign(is_of_kernel ? "net.ipv4.tcp_fastopen=0x3" : "net.ipv4.tcp_fastopen=0x70403", settings);
  assign("net.ipv4.tcp_ecn=0", settings);
  assign("net.ipv4.tcp_fastopen_key=a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4", settings);
  settings.forget_cookies = true;
  settings.has_defaults = true;
}

void set_variables(const Words& words, Settings& settings) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with('>') || words[i].starts_with('|')) break;
    if (words[i].starts_with('-')) continue;
    // sysctl a = 1
    if (i + 2 < words.size() && words[i + 1] == "=") {
      assign(words[i] + "=" + words[i + 2], settings);
      i += 2;
    } else {
      assign(words[i], settings);
    }
  }
}

// "tc qdisc replace dev tun0 root fq": that one paces; one with no room at all takes nothing. The
// others let everything through at once, as long as they do not lose or delay it.
bool set_queue(const Words& words, Settings& settings) {
  if (!has(words, "qdisc") || has(words, "netem") || has(words, "tbf")) return false;
  const bool is_there = !has(words, "del") && !has(words, "delete");
  settings.machine.tcp.pacing = is_there && has(words, "fq");
  settings.machine.tcp.card_is_full = is_there && number_behind(words, "limit") == 0;
  return true;
}

// "5", "5ms", "1s": of rto_min, milliseconds unless it says otherwise.
std::optional<Duration> time_of_route(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t kMost = 1'000'000;
  if (read.ec != std::errc() || value < 0 || value > kMost) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  if (unit == "s") return std::chrono::seconds{value};
  if (unit == "ms" || unit.empty()) return std::chrono::milliseconds{value};
  return std::nullopt;
}

// What a route says of TCP: "initcwnd 20", "cwnd lock 6". False: something else, or a number that
// does not fit.
bool set_metric(std::string_view metric, bool is_locked, const std::string& value,
                Settings& settings) {
  tcp::Config& tcp = settings.machine.tcp;
  if (metric == "rto_min") {
    const auto least = time_of_route(value);
    if (least) tcp.rto_min = *least;
    return least.has_value();
  }
  if (metric == "mtu") return set_mtu({"mtu", value}, settings);
  std::uint16_t number = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  if (read.ec != std::errc() || read.ptr != value.data() + value.size()) return false;
  const auto small = static_cast<std::uint8_t>(std::min<std::uint16_t>(number, 0xff));
  if (metric == "initcwnd") {
    tcp.initial_window_segments = small;
  } else if (metric == "cwnd") {
    if (is_locked) tcp.window_segments_max = number;
  } else if (metric == "advmss") {
    tcp.advertised_mss_max = number;
  } else if (metric == "hoplimit") {
    settings.machine.network.default_ttl = small;
  } else if (metric == "quickack") {
    if (number != 0) tcp.delayed_ack = Duration{};
  } else {
    return false;
  }
  return true;
}

// "ip route change 192.0.2.1 via 192.168.0.2 dev tun0 initcwnd 20": to the only neighbour there is.
// `words` is what follows the verb.
bool set_route(std::span<const std::string> words, Settings& settings) {
  constexpr std::array<std::string_view, 7> kWhere{"via",   "dev",   "src",   "proto",
                                                   "scope", "table", "metric"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool is_address = word.find_first_of(".:") != std::string::npos || word == "default";
    if (is_address) continue;
    const std::size_t lock = i + 1 < words.size() && words[i + 1] == "lock" ? 1 : 0;
    const std::size_t value = i + 1 + lock;
    if (value >= words.size()) return false;
    const bool is_where = std::ranges::find(kWhere, word) != kWhere.end();
    if (!is_where && !set_metric(word, lock != 0, words[value], settings)) return false;
    i = value;
  }
  return true;
}

// What follows "ip route change", "ip -6 ro add" and the like; none of it for other commands.
std::span<const std::string> route_change(std::string_view program, const Words& words) {
  constexpr std::array<std::string_view, 4> kVerbs{"add", "change", "replace", "append"};
  if (program != "ip") return {};
  std::size_t at = 1;
  while (at < words.size() && words[at].starts_with('-')) ++at;
  if (at + 2 >= words.size() || words[at].size() < 2) return {};
  if (!std::string_view{"route"}.starts_with(words[at])) return {};
  if (std::ranges::find(kVerbs, words[at + 1]) == kVerbs.end()) return {};
  return std::span(words).subspan(at + 2);
}

// "tcpdrop -s TIME_WAIT", by the names that netstat(1) of the BSDs has for states.
bool drop_connections(const Words& words, Settings& settings) {
  if (words.size() != 3 || words[1] != "-s") return false;
  std::string name = words[2] == "SYN_RCVD" ? "SYN_RECEIVED" : words[2];
  std::ranges::replace(name, '_', '-');
  for (int i = 0; i <= static_cast<int>(TcpState::time_wait); ++i) {
    const auto state = static_cast<TcpState>(i);
    if (to_text(state) == name) settings.dropped_state = state;
  }
  return settings.dropped_state.has_value();
}

bool is_understood(const Words& words, Settings& settings) {
  const std::string_view program = file_name(words.front());
  if (program == "defaults.sh" || program == "defaults-linux.sh") {
    set_linux_defaults(words.front(), settings);
    return true;
  }
  if (program == "defaults-freebsd.sh") return true;
  if (program == "tcpdrop") return drop_connections(words, settings);
  if (program == "setkey" && words.size() == 1) {
    // setkey.c beside FreeBSD's scripts: sysctl(8) cannot set fastopen.setkey, which is zeros
    // there.
    settings.machine.tcp.fast_open_key = std::array<std::uint64_t, 2>{};
    return true;
  }
  if (program == "ip" && has(words, "tcp_metrics")) {
    settings.forget_cookies = true;
    return true;
  }
  if ((program == "ip" && has(words, "link")) || program == "ifconfig") {
    return set_mtu(words, settings);
  }
  if (const auto route = route_change(program, words); !route.empty()) {
    return set_route(route, settings);
  }
  if (program == "tc") return set_queue(words, settings);
  if (program == "sysctl" || program == "set_sysctls.py") {
    set_variables(words, settings);
    return true;
  }
  if (program == "echo" && words.size() >= 4 && words[words.size() - 2] == ">") {
    if (!words.back().starts_with("/proc/sys/")) return words.back().starts_with("/dev/");
    assign(words.back() + "=" + words[1], settings);
    return true;
  }
  return false;
}

// Commands that show something or not, by what they are called with: "ifconfig tun0 -rxcsum" leaves
// to the host what a card could do, and this stack has neither card nor keys of IPsec.
bool only_looks(std::string_view program, const Words& words) {
  constexpr std::array<std::string_view, 6> kOfCards{"up",  "rxcsum", "txcsum",
                                                     "tso", "lro",    "debug"};
  const auto is_of_cards = [&](std::string_view word) {
    return word.starts_with('-') || std::ranges::find(kOfCards, word) != kOfCards.end();
  };
  if (program == "ifconfig") {
    return words.size() <= 2 || std::all_of(words.begin() + 2, words.end(), is_of_cards);
  }
  if (program == "tcpdrop") return words.size() >= 2 && words[1].starts_with("-l");
  if (program == "setkey") return words.size() == 2 && (words[1] == "-F" || words[1] == "-D");
  return std::ranges::find(kLookers, program) != kLookers.end();
}

void apply_simple_command(const Words& words, Settings& settings) {
  if (is_understood(words, settings)) return;
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  const std::string_view program = file_name(words.front());
  // set_sysctls.py of Linux's suite writes a script that sets back what it has set; it comes last.
  const bool is_restore = program.starts_with("sysctl_restore");
  if (is_restore || only_looks(program, words)) {
    settings.notes.push_back(fmt::format("not carried out: {}", text));
  } else if (settings.unsupported.empty()) {
    settings.unsupported = fmt::format("the command '{}'", text);
  }
}

}  // namespace

void apply_command(std::string_view command, Settings& settings) {
  for (Words& words : commands_of(command)) {
    if (words.size() > 1 && words.front() == "sudo") words.erase(words.begin());
    if (words.empty() || words.front().starts_with('#')) continue;
    apply_simple_command(words, settings);
  }
}

}  // namespace strata::packetdrill
