// SPDX-License-Identifier: MIT
#include "sim/scenario/schema.h"

#include <algorithm>
#include <array>

#include "stack/transport/tcp/congestion.h"

namespace strata::scenario {
namespace {

constexpr std::uint64_t kByte = 255;
constexpr std::uint64_t kWord = 65'535;
constexpr std::uint64_t kTapMtuMost = 65'521;  // the kernel's: 65,535 with the Ethernet header
constexpr std::uint64_t kBufferMost = std::uint64_t{1} << 30;

constexpr std::array kKeys{
    Key{Section::scenario, "title", Kind::text, "", "What the scenario shows, in one line."},
    Key{Section::scenario, "about", Kind::text, "",
        "What you should see and why, in a few sentences."},
    Key{Section::scenario, "language", Kind::count, "1",
        "Version of this language the file was written for."}
        .range(1, 1),
    Key{Section::scenario, "seed", Kind::count, "1", "Every random decision follows from it."},
    Key{Section::scenario, "until", Kind::duration, "",
        "End of the run; without it the run ends when nothing is left to happen."},
    Key{Section::scenario, "nodes", Kind::named_maps, "", "Hosts, switches and routers by name."}
        .of(Section::node)
        .must(),
    Key{Section::scenario, "links", Kind::named_maps, "", "Links by name, each between two ports."}
        .of(Section::link),
    Key{Section::scenario, "processes", Kind::list_of_maps, "", "What runs on the hosts."}.of(
        Section::process),
    Key{Section::scenario, "show", Kind::texts, "", "Views that `strata run` prints."},
    Key{Section::scenario, "expect", Kind::texts, "", "What must hold at the end of the run."},
    Key{Section::scenario, "capture", Kind::map, "", "Capture files that `strata run` writes."}.of(
        Section::capture),

    Key{Section::node, "kind", Kind::choice, "host", "What the node is."}.one_of(
        "host switch router device"),
    Key{Section::node, "device", Kind::map, "",
        "What the node stands for outside the simulation: an interface, which `strata live` opens, "
        "or a capture file."}
        .of(Section::device)
        .only(on_device),
    Key{Section::node, "address", Kind::prefix, "",
        "Address and prefix length of a node with one port."}
        .only(on_host | on_router),
    Key{Section::node, "addresses", Kind::ports, "",
        "Ports by name, each with one address or a list of them."}
        .only(on_host | on_router),
    Key{Section::node, "gateway", Kind::address, "",
        "Where datagrams go for which no other route exists."}
        .only(on_host | on_router),
    Key{Section::node, "routes", Kind::list_of_maps, "",
        "Static routes; on a router they replace the computed ones."}
        .of(Section::route)
        .only(on_host | on_router),
    Key{Section::node, "tcp", Kind::map, "", "Options of every TCP connection of this node."}
        .of(Section::tcp)
        .only(on_host | on_router),
    Key{Section::node, "network", Kind::map, "", "Options of the network layer."}
        .of(Section::network)
        .only(on_host | on_router),
    Key{Section::node, "arp", Kind::map, "", "Options of address resolution."}
        .of(Section::arp)
        .only(on_host | on_router),
    Key{Section::node, "verify-fcs", Kind::boolean, "true",
        "Drop frames whose frame check sequence is wrong."}
        .only(on_simulated),
    Key{Section::node, "promiscuous", Kind::boolean, "false",
        "Look at frames for other stations, too."}
        .only(on_host | on_router),
    Key{Section::node, "allocation-failure", Kind::probability, "0 %",
        "It finds no memory for a frame that comes in or goes out with this probability."}
        .only(on_host | on_router),
    Key{Section::node, "ageing", Kind::duration, "300 s",
        "A switch forgets an address it has not seen for so long."}
        .only(on_switch),
    Key{Section::node, "table-size", Kind::count, "8192",
        "Addresses a switch can learn; when full it floods."}
        .range(0, 1'000'000)
        .only(on_switch),

    Key{Section::route, "to", Kind::prefix, "", "Destination network."}.must(),
    Key{Section::route, "via", Kind::address, "", "Next router, on a network of this node."}.must(),
    Key{Section::route, "metric", Kind::count, "0",
        "The lowest wins among routes to the same network."}
        .range(0, 0xffffffff),

    Key{Section::tcp, "profile", Kind::choice, "rfc",
        "What all other keys begin with: the RFCs' advice, another system's TCP, or bare RFC 5681."}
        .one_of("rfc linux freebsd teaching"),
    Key{Section::tcp, "congestion-control", Kind::choice, "newreno",
        "Congestion control algorithm."}
        .under({.linux_kernel = "cubic", .teaching = "reno"}),
    Key{Section::tcp, "send-buffer", Kind::bytes, "256 KiB", "Room for data not yet acknowledged."}
        .range(1, kBufferMost)
        .under({.freebsd = "32 KiB"}),
    Key{Section::tcp, "receive-buffer", Kind::bytes, "256 KiB",
        "Room for data not yet read; bounds the window offered."}
        .range(1, kBufferMost)
        .under({.linux_kernel = "270 kB", .freebsd = "64 KiB"}),
    Key{Section::tcp, "receive-buffer-max", Kind::bytes, "0 B",
        "The receive buffer grows up to this for a fast reader; not when it is less than "
        "'receive-buffer'."}
        .range(0, kBufferMost),
    Key{Section::tcp, "mss", Kind::bytes, "",
        "Cap on the segment size announced and used; without it the MTU decides."}
        .range(64, kWord),
    Key{Section::tcp, "window-scaling", Kind::boolean, "true",
        "Offer the window scale option (RFC 7323)."}
        .under({.teaching = "false"}),
    Key{Section::tcp, "timestamps", Kind::boolean, "false",
        "Offer the timestamps option and protect against old segments (RFC 7323)."}
        .under({.linux_kernel = "true", .freebsd = "true"}),
    Key{Section::tcp, "sack", Kind::boolean, "true", "Offer selective acknowledgements (RFC 2018)."}
        .under({.teaching = "false"}),
    Key{Section::tcp, "d-sack", Kind::boolean, "true",
        "Report segments received twice by SACK (RFC 2883)."}
        .under({.teaching = "false"}),
    Key{Section::tcp, "fast-retransmit", Kind::boolean, "true",
        "Take segments for lost before the time-out (RFC 5681 3.2)."},
    Key{Section::tcp, "limited-transmit", Kind::boolean, "true",
        "Send new data on the first two duplicate ACKs (RFC 3042)."}
        .under({.teaching = "false"}),
    Key{Section::tcp, "slow-but-steady", Kind::boolean, "false",
        "Without SACK: each partial ACK restarts the time-out, not the first alone (RFC 3782 4)."},
    Key{Section::tcp, "rack", Kind::boolean, "true",
        "With SACK: detect losses by time (RFC 8985); otherwise by the scoreboard (RFC 6675)."}
        .under({.freebsd = "false", .teaching = "false"}),
    Key{Section::tcp, "counted-pipe", Kind::boolean, "false",
        "With SACK: recovery as Fall and Floyd (1996) had it, before RFC 6675, RACK and PRR."},
    Key{Section::tcp, "tail-loss-probe", Kind::boolean, "true",
        "With SACK: probe for a lost tail before the time-out (RFC 8985 7)."}
        .under({.freebsd = "false", .teaching = "false"}),
    Key{Section::tcp, "probe-in-recovery", Kind::boolean, "",
        "Probes in recovery and of a shut window after a round trip (RFC 9002 6.2); else only with "
        "control none."},
    Key{Section::tcp, "prr", Kind::choice, "slow-start",
        "With SACK: proportional rate reduction and its bound (RFC 6937; safe: RFC 9937)."}
        .one_of("slow-start conservative safe off")
        .under({.linux_kernel = "safe", .freebsd = "off"}),
    Key{Section::tcp, "f-rto", Kind::boolean, "true",
        "Find out whether a time-out was spurious (RFC 5682)."}
        .under({.freebsd = "false", .teaching = "false"}),
    Key{Section::tcp, "undo", Kind::boolean, "true",
        "Take a reduction back when timestamps or D-SACK show that nothing was lost (RFC 4015)."}
        .under({.teaching = "false"}),
    Key{Section::tcp, "nagle", Kind::boolean, "true",
        "Hold back small segments while data is unacknowledged (RFC 9293 3.7.4)."},
    Key{Section::tcp, "delayed-ack", Kind::duration, "40 ms",
        "Longest time an ACK waits for company; 0 s acknowledges every segment at once."},
    Key{Section::tcp, "rto-initial", Kind::duration, "1 s",
        "Retransmission time-out before the first round-trip sample."},
    Key{Section::tcp, "rto-min", Kind::duration, "1 s",
        "Smallest retransmission time-out (RFC 6298 2.4)."}
        .under({.linux_kernel = "200 ms", .freebsd = "30 ms"}),
    Key{Section::tcp, "rto-max", Kind::duration, "60 s", "Largest retransmission time-out."}.under(
        {.linux_kernel = "120 s", .freebsd = "64 s"}),
    Key{Section::tcp, "msl", Kind::duration, "30 s",
        "Maximum segment lifetime; TIME-WAIT lasts twice this."},
    Key{Section::tcp, "syn-retries", Kind::count, "7",
        "Retransmissions of a SYN before connect fails."}
        .range(0, kByte)
        .under({.linux_kernel = "6", .freebsd = "12"}),
    Key{Section::tcp, "retries", Kind::count, "15",
        "Retransmissions of a segment before the connection fails."}
        .range(0, kByte),
    Key{Section::tcp, "initial-window", Kind::count, "10",
        "Initial congestion window in segments (RFC 6928); 0 follows RFC 5681."}
        .range(0, kByte)
        .under({.teaching = "0"}),
    Key{Section::tcp, "fast-convergence", Kind::boolean, "true",
        "CUBIC leaves room for newcomers when the window it reached has shrunk (RFC 9438 4.7)."},
    Key{Section::tcp, "abc-limit", Kind::count, "1",
        "Segments by which an ACK may enlarge the window in slow start (RFC 3465 2.2); 255: all it "
        "covers."}
        .range(1, kByte)
        .under({.linux_kernel = "255", .freebsd = "2"}),
    Key{Section::tcp, "cwnd-validation", Kind::choice, "rfc5681",
        "What becomes of a window that is not used: restart when idle, or new CWV."}
        .one_of("off rfc5681 rfc7661")
        .under({.linux_kernel = "off"}),
    Key{Section::tcp, "ecn", Kind::choice, "off",
        "Explicit congestion notification (RFC 3168), accurate: RFC 9768; passive: only when the "
        "peer "
        "asks."}
        .one_of("off on passive accurate accurate-passive")
        .under({.linux_kernel = "passive", .freebsd = "passive"}),
    Key{Section::tcp, "pacing", Kind::boolean, "false",
        "Space segments out over the round trip, also for algorithms that give no rate."},
    Key{Section::tcp, "fin-wait-2-timeout", Kind::duration, "60 s",
        "How long a closed socket waits for the other side's FIN."},
    Key{Section::tcp, "keepalive", Kind::boolean, "false",
        "Ask an idle peer whether it is still there (RFC 9293 3.8.4)."},
    Key{Section::tcp, "keepalive-idle", Kind::duration, "7200 s",
        "Silence before the first keep-alive probe."},
    Key{Section::tcp, "keepalive-interval", Kind::duration, "75 s",
        "Between keep-alive probes that are not answered."},
    Key{Section::tcp, "keepalive-probes", Kind::count, "9",
        "Unanswered keep-alive probes before the connection fails."}
        .under({.freebsd = "8"})
        .range(1, kByte),
    Key{Section::tcp, "user-timeout", Kind::duration, "0 s",
        "How long sent data may stay unacknowledged before the connection fails (RFC 5482); 0 s "
        "leaves it to 'retries'."},
    Key{Section::tcp, "retries-before-doubt", Kind::count, "3",
        "Retransmissions before the next hop has to prove that it is alive (R1, RFC 9293 3.8.3)."}
        .range(1, kByte),
    Key{Section::tcp, "syn-backlog", Kind::count, "256",
        "Half-open connections of a listener; 'syn-cookies' says what happens beyond."}
        .range(0, 0xffffffff),
    Key{Section::tcp, "syn-cookies", Kind::choice, "overflow",
        "Answer SYNs without keeping state (RFC 4987): never, when 'syn-backlog' is reached, "
        "always."}
        .one_of("off overflow always"),
    Key{Section::tcp, "fast-open", Kind::boolean, "false",
        "Send text on the SYN to servers whose cookie is known, and take it (RFC 7413)."},
    Key{Section::tcp, "path-mtu-discovery", Kind::boolean, "true",
        "Segments forbid routers to fragment them and adapt to what fits (RFC 1191)."},
    Key{Section::tcp, "path-mtu-probing", Kind::choice, "off",
        "Smaller segments when large ones vanish and no router says why (RFC 4821); search: "
        "larger ones after that."}
        .one_of("off black-hole search"),
    Key{Section::tcp, "time-wait-ignores-rst", Kind::boolean, "false",
        "A RST does not end TIME-WAIT early (RFC 1337)."}
        .under({.freebsd = "true"}),

    Key{Section::network, "ttl", Kind::count, "64", "Time to live of datagrams sent."}.range(1,
                                                                                             kByte),
    Key{Section::network, "reassembly-timeout", Kind::duration, "60 s",
        "Fragments of an incomplete datagram are kept so long (RFC 1122 3.3.2)."},
    Key{Section::network, "reassembly-memory", Kind::bytes, "4 MiB",
        "Room for incomplete datagrams."}
        .range(0, kBufferMost),
    Key{Section::network, "icmp-errors-per-second", Kind::count, "1000",
        "Rate limit of ICMP errors; 0 sends none."}
        .range(0, 0xffffffff),
    Key{Section::network, "answer-broadcast-echo", Kind::boolean, "false",
        "Answer echo requests sent to a broadcast address."},
    Key{Section::network, "send-redirects", Kind::boolean, "true",
        "A router tells hosts of a better first hop (RFC 1812 5.2.7.2)."},
    Key{Section::network, "accept-redirects", Kind::boolean, "true",
        "A host follows redirects (RFC 1122 3.2.2.2)."},
    Key{Section::network, "forward-directed-broadcast", Kind::boolean, "false",
        "A router delivers broadcasts to its networks from outside (RFC 2644)."},

    Key{Section::arp, "reachable-time", Kind::duration, "60 s", "An entry is trusted so long."},
    Key{Section::arp, "request-interval", Kind::duration, "1 s",
        "Time between requests for the same address."},
    Key{Section::arp, "requests", Kind::count, "3",
        "Unanswered requests before a neighbour counts as unreachable."}
        .range(1, 1000),
    Key{Section::arp, "queue", Kind::count, "16", "Packets held for an unresolved neighbour."}
        .range(1, 10'000),
    Key{Section::arp, "table-size", Kind::count, "512",
        "Entries kept; the least recently used goes first."}
        .range(1, 1'000'000),
    Key{Section::arp, "announce", Kind::boolean, "false",
        "Announce the own address at the start (RFC 5227 2.3)."},
    Key{Section::arp, "probe", Kind::boolean, "false",
        "Ask first whether the own address is free; use it after some seconds (RFC 5227 2.1)."},

    Key{Section::link, "ends", Kind::ends, "",
        "The two ports it connects, each a node, node:port or `{ device: { tap: strata0 } }`."}
        .must(),
    Key{Section::link, "rate", Kind::rate, "1 Gbit/s", "Speed of each direction."},
    Key{Section::link, "delay", Kind::duration, "",
        "Propagation delay one way; without it `length` decides."},
    Key{Section::link, "length", Kind::length, "0 m",
        "Length of the medium, from which the delay follows."},
    Key{Section::link, "medium", Kind::choice, "twisted-pair",
        "What it is made of: sets the speed of signals."}
        .one_of("twisted-pair coax fibre air"),
    Key{Section::link, "queue", Kind::map_or_queue, "256 KiB",
        "Transmit queue of each end: its limit, or more of it."}
        .of(Section::queue),
    Key{Section::link, "physical", Kind::choice, "",
        "Line code in which frames are really encoded and decoded."}
        .one_of("nrz nrzi manchester mlt3"),
    Key{Section::link, "mtu", Kind::bytes, "1500",
        "Largest datagram its hosts and routers send in one frame."}
        .range(68, kWord),
    Key{Section::link, "vlan", Kind::count, "",
        "VLAN of its switch ports, or with `trunk` the VLAN a host tags its frames with."}
        .range(1, 4094),
    Key{Section::link, "trunk", Kind::boolean, "false", "Frames on it carry VLAN tags."},
    Key{Section::link, "impair", Kind::list_of_maps, "",
        "What goes wrong on it, applied in this order."}
        .of(Section::impairment),

    Key{Section::queue, "limit", Kind::queue, "256 KiB", "What waits at most."},
    Key{Section::queue, "discipline", Kind::choice, "drop-tail",
        "How senders hear of congestion before the queue is full."}
        .one_of("drop-tail red codel threshold-mark"),
    Key{Section::queue, "ecn", Kind::boolean, "true",
        "Mark ECN-capable datagrams (RFC 3168) instead of dropping them."},
    Key{Section::queue, "low", Kind::bytes, "",
        "red: average queue from which frames are singled out; without it an eighth of the limit."},
    Key{Section::queue, "high", Kind::bytes, "",
        "red: average queue at which the probability is `probability`; without it three eighths."},
    Key{Section::queue, "probability", Kind::probability, "10 %",
        "red: that a frame is singled out, at `high`; it is 1 at twice that queue."},
    Key{Section::queue, "weight", Kind::count, "9",
        "red: the average follows the queue with weight 1/2 to this power."}
        .range(0, 16),
    Key{Section::queue, "target", Kind::duration, "5 ms", "codel: a frame may wait so long."},
    Key{Section::queue, "interval", Kind::duration, "100 ms",
        "codel: ... but not all of them for so long."},
    Key{Section::queue, "threshold", Kind::queue, "20 frames",
        "threshold-mark: a frame that finds more than this waiting is marked."},

    Key{Section::impairment, "loss", Kind::probability, "",
        "Each frame is lost with this probability."},
    Key{Section::impairment, "burst-loss", Kind::map, "",
        "Frames are lost in bursts (Gilbert-Elliott)."}
        .of(Section::burst_loss),
    Key{Section::impairment, "drop", Kind::drop, "",
        "These of the matching frames are lost, or `all` of them."},
    Key{Section::impairment, "corrupt", Kind::map, "", "Bits are flipped."}.of(Section::corrupt),
    Key{Section::impairment, "truncate", Kind::map, "", "Frames arrive cut short."}.of(
        Section::truncate),
    Key{Section::impairment, "duplicate", Kind::map_or_share, "", "Frames arrive twice."}.of(
        Section::duplicate),
    Key{Section::impairment, "reorder", Kind::map, "",
        "Frames are held back, so that later ones overtake them."}
        .of(Section::reorder),
    Key{Section::impairment, "jitter", Kind::map, "", "Every frame takes a random time longer."}.of(
        Section::jitter),
    Key{Section::impairment, "down", Kind::map, "", "The link is out of order for a time."}.of(
        Section::down),
    Key{Section::impairment, "mtu", Kind::map, "", "The MTU of the link changes."}.of(
        Section::mtu_change),
    Key{Section::impairment, "match", Kind::filter, "",
        "Only frames that this pcap filter matches; node names stand for addresses."},
    Key{Section::impairment, "direction", Kind::direction, "",
        "Only frames going this way; without it both."},
    Key{Section::impairment, "between", Kind::window, "",
        "Only frames whose first bit leaves at or after the first instant and before the second."},

    Key{Section::burst_loss, "enter", Kind::probability, "", "A burst begins, per frame."}.must(),
    Key{Section::burst_loss, "leave", Kind::probability, "",
        "A burst ends, per frame; the mean burst is 1/leave frames."}
        .must(),
    Key{Section::burst_loss, "loss", Kind::probability, "100 %", "Loss within a burst."},
    Key{Section::burst_loss, "loss-otherwise", Kind::probability, "0 %", "Loss outside of bursts."},

    Key{Section::corrupt, "bit-error-rate", Kind::probability, "",
        "Each bit is flipped with this probability."},
    Key{Section::corrupt, "frames", Kind::ordinals, "",
        "These of the matching frames are damaged, in the bits given by `bits`."},
    Key{Section::corrupt, "bits", Kind::bits, "",
        "Offsets of the bits to flip, from the start of the frame."},

    Key{Section::truncate, "share", Kind::probability, "",
        "Each frame is cut short with this probability."},
    Key{Section::truncate, "frames", Kind::ordinals, "",
        "These of the matching frames are cut short."},
    Key{Section::truncate, "to", Kind::bytes, "",
        "So much arrives of each, from the MAC header on; with `share` a random part unless given."}
        .range(1, kWord),

    Key{Section::duplicate, "share", Kind::probability, "",
        "Each frame is duplicated with this probability."},
    Key{Section::duplicate, "frames", Kind::ordinals, "",
        "These of the matching frames are duplicated."},
    Key{Section::duplicate, "after", Kind::duration, "0 s", "The copy arrives so much later."},

    Key{Section::reorder, "share", Kind::probability, "",
        "Each frame is held back with this probability."},
    Key{Section::reorder, "frames", Kind::ordinals, "",
        "These of the matching frames are held back."},
    Key{Section::reorder, "by", Kind::duration, "", "How long."}.must(),

    Key{Section::jitter, "uniform", Kind::duration, "",
        "Uniform: half the width of the interval around `mean`."},
    Key{Section::jitter, "normal", Kind::duration, "",
        "Normal: the standard deviation around `mean`."},
    Key{Section::jitter, "exponential", Kind::duration, "", "Exponential: the mean."},
    Key{Section::jitter, "mean", Kind::duration, "",
        "Mean of the extra delay; without it, twice the deviation of a normal and the half width "
        "of a uniform one."},
    Key{Section::jitter, "keep-order", Kind::boolean, "true", "A frame never overtakes another."},

    Key{Section::down, "from", Kind::duration, "", "The link goes down at this instant."}.must(),
    Key{Section::down, "until", Kind::duration, "", "It comes up again; without it, never."},

    Key{Section::mtu_change, "to", Kind::bytes, "",
        "Largest datagram its hosts and routers send in one frame then."}
        .must()
        .range(68, kWord),
    Key{Section::mtu_change, "from", Kind::duration, "", "At this instant."}.must(),
    Key{Section::mtu_change, "until", Kind::duration, "",
        "It is `mtu` of the link again; without it, never."},

    Key{Section::process, "on", Kind::node, "", "Host it runs on."}.must(),
    Key{Section::process, "run", Kind::program, "",
        "The program; its parameters stand beside this key."},
    Key{Section::process, "calls", Kind::texts, "",
        "Instead of a program: socket calls, one after the other."},
    Key{Section::process, "at", Kind::duration, "0 s", "When it starts."},
    Key{Section::process, "name", Kind::name, "",
        "Its name in views and expectations; without it, that of the program."},

    Key{Section::capture, "folder", Kind::folder, "", "Folder the files go to, one per interface."}
        .must(),
    Key{Section::capture, "format", Kind::choice, "pcapng", "File format."}.one_of("pcapng pcap"),
    Key{Section::capture, "layer", Kind::choice, "link",
        "Whether frames begin at the preamble (physical) or at the MAC header."}
        .one_of("link physical"),

    Key{Section::device, "tap", Kind::text, "",
        "Name of a TAP device, created where it does not exist."},
    Key{Section::device, "pcap", Kind::text, "",
        "Name of an interface that is there already; frames are captured and injected with "
        "libpcap."},
    Key{Section::device, "capture", Kind::file, "",
        "A pcap or pcapng file of Ethernet frames, which are sent again; a relative path begins in "
        "the folder of the scenario."},
    Key{Section::device, "netns", Kind::text, "",
        "Network namespace of the interface: a name of `ip netns`, or a path."}
        .with("tap pcap"),
    Key{Section::device, "address", Kind::prefix, "",
        "Address and prefix length of the operating system's end; with `tap` it is set there."},
    Key{Section::device, "gateway", Kind::address, "",
        "With `tap`: router through which the operating system reaches the other networks."}
        .with("tap"),
    Key{Section::device, "mtu", Kind::bytes, "1500", "Largest IP datagram of the device."}.range(
        68, kTapMtuMost),
    Key{Section::device, "offload", Kind::boolean, "true",
        "With `tap`: the kernel may hand over many segments at once; links carry single frames."}
        .with("tap"),
    Key{Section::device, "persistent", Kind::boolean, "false",
        "With `tap`: the device stays when the run has ended."}
        .with("tap"),
    Key{Section::device, "filter", Kind::filter, "",
        "With `pcap` and `capture`: only frames that match enter the simulation."}
        .with("pcap capture"),
    Key{Section::device, "speed", Kind::speed, "1",
        "With `capture`: multiple of the speed the frames were captured at; `fast`: each as soon "
        "as the link is free."}
        .with("capture"),
    Key{Section::device, "loop", Kind::count, "1",
        "With `capture`: how many times the file is replayed, one after the other."}
        .range(1, 1'000'000'000)
        .with("capture"),
    Key{Section::device, "at", Kind::duration, "0 s",
        "With `capture`: when the first frame is sent."}
        .with("capture"),
    Key{Section::device, "interface", Kind::text, "",
        "With `capture`: only frames of this interface of the file, by name or number (from 0)."}
        .with("capture"),
    Key{Section::device, "to", Kind::text, "",
        "With `capture`: NODE or NODE:PORT whose MAC address becomes the destination of every "
        "unicast frame."}
        .with("capture"),
};

constexpr bool sections_are_together() {
  for (std::size_t i = 1; i < kKeys.size(); ++i) {
    if (kKeys[i].section < kKeys[i - 1].section) return false;
  }
  return true;
}
static_assert(sections_are_together(), "in the order of Section, so that a section is one span");

}  // namespace

std::span<const Key> keys() { return kKeys; }

std::span<const Key> keys(Section section) {
  const auto first = std::find_if(kKeys.begin(), kKeys.end(),
                                  [&](const Key& key) { return key.section == section; });
  const auto last =
      std::find_if(first, kKeys.end(), [&](const Key& key) { return key.section != section; });
  return {first, last};
}

const Key* find_key(Section section, std::string_view name) {
  for (const Key& key : keys(section)) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::vector<std::string> key_names(Section section) {
  std::vector<std::string> names;
  for (const Key& key : keys(section)) names.emplace_back(key.name);
  return names;
}

std::string_view fallback_under(const Key& key, std::string_view profile) {
  const ProfileFallbacks& of = key.profiles;
  const std::string_view other = profile == "linux"      ? of.linux_kernel
                                 : profile == "freebsd"  ? of.freebsd
                                 : profile == "teaching" ? of.teaching
                                                         : std::string_view{};
  return other.empty() ? key.fallback : other;
}

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::size_t blank = list.find(' ');
    words.emplace_back(list.substr(0, blank));
    list = blank == std::string_view::npos ? std::string_view{} : list.substr(blank + 1);
  }
  return words;
}

std::vector<std::string> choices(const Key& key) {
  std::vector<std::string> words;
  if (key.section == Section::tcp && key.name == "congestion-control") {
    for (const std::string_view name : tcp::congestion_control_names()) words.emplace_back(name);
  }
  for (std::string& word : words_of(key.choices)) words.push_back(std::move(word));
  return words;
}

}  // namespace strata::scenario
