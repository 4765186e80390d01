// SPDX-License-Identifier: MIT
// Every kind of mistake a person makes in a scenario, and the exact line that answers it.
#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

TEST(Mistakes, SixLinesSuffice) {
  EXPECT_EQ(diagnose(std::string{kPair} + "processes: [ { on: a, run: ping, to: b } ]\n"), "");
}

TEST(Mistakes, WithoutLinksNothingElseIsComplainedOf) {
  EXPECT_EQ(
      diagnose("nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\nlinks: 3\n"
               "expect: [ link.wire.dropped == 0 ]\n"),
      "x.yaml:4:8: 'links' is names, each with a map, not a single value; write for instance "
      "'access: { ends: [client, server] }'\n");
}

TEST(Mistakes, ADeviceIsWhatItsMapSays) {
  const std::string rest = "  h: { address: 10.0.0.2/24 }\nlinks: { l: { ends: [out, h] } }\n";
  const auto with = [&](const std::string& device) {
    return diagnose("nodes:\n  out: " + device + "\n" + rest);
  };
  EXPECT_EQ(with("{ device: { tap: tap0, address: 10.0.0.1/24 } }"), "");
  EXPECT_EQ(with("{ kind: device }"),
            "x.yaml:2:3: device 'out' does not say what it stands for; add for instance 'device: { "
            "tap: strata0, address: 10.0.1.1/24 }'\n");
  EXPECT_EQ(with("{ device: { tap: a-name-that-is-too-long, address: 10.0.0.1/24 } }"),
            "x.yaml:2:25: 'a-name-that-is-too-long' cannot be the name of an interface; use up to "
            "15 letters and digits, for instance 'strata0'\n");
  EXPECT_EQ(with("{ device: { pcap: veth1, filter: tcp port 80, netns: left } }"), "");
  EXPECT_EQ(
      with("{ device: { tap: tap0, pcap: veth1 } }"),
      "x.yaml:2:18: 'device' of node 'out' needs one of 'tap', 'pcap' and 'capture'; keep one "
      "of them\n");
  EXPECT_EQ(with("{ device: { tap: tap0, filter: tcp } }"),
            "x.yaml:2:31: 'filter' does not go with 'tap'; only 'pcap' and 'capture' have it\n");
  EXPECT_EQ(with("{ device: { pcap: eth0, filter: tcp prot 80 } }"),
            "x.yaml:2:40: 'filter' is not a pcap filter: can't parse filter expression: syntax "
            "error; see pcap-filter(7)\n");
  EXPECT_EQ(with("{ device: { tap: tap0, address: 10.0.0.1/24 }, promiscuous: true }"),
            "x.yaml:2:55: node 'out' is a device, which has no 'promiscuous'; a device is what its "
            "map 'device' says\n");
  EXPECT_EQ(diagnose("nodes:\n  out: { device: { tap: tap0, address: 10.0.0.1/24 } }\n" + rest +
                     "processes: [ { on: out, run: ping, to: h } ]\n"),
            "x.yaml:5:20: 'out' is a device, which runs no processes\n");
}

TEST(Mistakes, AnEndOfALinkMayBeADevice) {
  const auto with = [&](const std::string& end) {
    return diagnose("nodes:\n  h: { address: 10.0.0.2/24 }\nlinks: { l: { ends: [ " + end +
                    ", h ] } }\n");
  };
  EXPECT_EQ(with("{ device: { tap: tap0, address: 10.0.0.1/24 } }"), "");
  EXPECT_EQ(with("{ device: { pcap: veth1 } }"), "");
  EXPECT_EQ(with("{ address: 10.0.0.1/24 }"),
            "x.yaml:3:21: 'ends' names the two ports a link connects; write for instance '[client, "
            "r1:left]'\n");
  EXPECT_THAT(
      with("{ device: { tap: h } }"),
      testing::HasSubstr(
          "x.yaml:3:25: there is a node 'h' already; let 'ends' refer to it by its name\n"));
}

TEST(Mistakes, UnknownKeysNameTheNearest) {
  expect_cases({
      {"sed: 3\n", "x.yaml:6:1: unknown key 'sed' in the scenario; did you mean 'seed'?"},
      {"procceses: []\n",
       "x.yaml:6:1: unknown key 'procceses' in the scenario; did you mean 'processes'?"},
      {"rate: 10 Mbit/s\n", "x.yaml:6:1: unknown key 'rate' in the scenario; it belongs to a link"},
      {"nodes:\n  a: { adress: 10.0.0.1/24 }\n",
       "x.yaml:2:8: unknown key 'adress' in node 'a'; did you mean 'address'?"},
      {"nodes:\n  a: { address: 10.0.0.1/24, tcp: { congestion: newreno } }\n",
       "x.yaml:2:37: unknown key 'congestion' in 'tcp' of node 'a'; did you mean "
       "'congestion-control'?"},
      {"processes: [ { on: a, run: ping, to: b, cuont: 3 } ]\n",
       "x.yaml:6:41: unknown key 'cuont' in a process; did you mean 'count'?"},
  });
}

TEST(Mistakes, ValuesAreCheckedByTheirKind) {
  expect_cases({
      {"seed: many\n", "x.yaml:6:7: 'seed': 'many' is not a whole number"},
      {"seed: -1\n", "x.yaml:6:7: 'seed': a number cannot be negative here"},
      {"seed: [1]\n", "x.yaml:6:7: 'seed' is a whole number, not a list"},
      {"until: 5\n", "x.yaml:6:8: 'until': '5' has no unit; write '5 ms'"},
      {"until: 1,5 s\n",
       "x.yaml:6:8: 'until': '1,5 s' has a comma; decimals follow a point: '1.5 s'"},
      {"until: -5 s\n", "x.yaml:6:8: 'until': a duration cannot be negative"},
      {"language: 2\n", "x.yaml:6:11: 'language' is at most 1"},
      {"nodes:\n  a: { kind: rooter }\n",
       "x.yaml:2:14: 'kind': 'rooter' is none of the choices; did you mean 'router'?"},
      {"nodes:\n  a: { address: 10.0.0.1 }\n",
       "x.yaml:2:17: '10.0.0.1' lacks the prefix length; write 10.0.0.1/24"},
      {"nodes:\n  a: { address: 10.0.0.256/24 }\n",
       "x.yaml:2:17: '10.0.0.256/24' is not an address with prefix length; write for instance "
       "10.0.1.10/24"},
      {"nodes:\n  a: { address: \"2001:db8::1/64\" }\n",
       "x.yaml:2:17: '2001:db8::1/64' is an IPv6 prefix, which hosts do not speak yet; write an "
       "IPv4 "
       "prefix such as 10.0.1.10/24"},
      {"nodes:\n  a: { address: 10.0.0.1/24, gateway: 10.0.0.2/24 }\n",
       "x.yaml:2:39: 'gateway': '10.0.0.2/24' has a prefix length, which does not belong here; "
       "write "
       "10.0.0.2"},
      {"nodes:\n  a: { address: 10.0.0.1/24, verify-fcs: yes }\n",
       "x.yaml:2:42: 'verify-fcs': 'yes' is neither true nor false; write true"},
      {"nodes:\n  a: { address: 10.0.0.1/24, network: { ttl: 256 } }\n",
       "x.yaml:2:46: 'ttl' is at most 255"},
      {"nodes:\n  a: { address: 10.0.0.1/24, tcp: { delayed-ack: 500 ms } }\n",
       "x.yaml:2:50: 'delayed-ack' must be less than 500 ms (RFC 9293 3.8.6.3)"},
      {"nodes:\n  a: { address: 10.0.0.1/24, tcp: { rto-min: 2 min } }\n",
       "x.yaml:2:46: 'rto-min' is more than 'rto-max'"},
      {"nodes: [a, b]\n",
       "x.yaml:1:8: 'nodes' is names, each with a map, not a list; write for instance 'client: { "
       "address: 10.0.1.10/24 }'"},
      {"nodes:\n  a: 10.0.0.1/24\n",
       "x.yaml:2:6: node 'a' is a map of keys, not a single value; write '{ kind: ... }'"},
      {"nodes:\n  my host: {}\n",
       "x.yaml:2:3: 'my host' is not a name; a name is a letter, then letters, digits, '-' and "
       "'_'"},
  });
}

TEST(Mistakes, AKeyWithoutAValueIsNoDefault) {
  expect_cases({
      {"seed:\n", "x.yaml:6:1: 'seed' has no value; write a whole number, or leave the key out"},
      {"until: ~\n",
       "x.yaml:6:1: 'until' has no value; write a duration such as '5 ms', or leave the key out"},
      {"capture:\n", "x.yaml:6:1: 'capture' has no value; write a map, or leave the key out"},
      {"capture: { folder: }\n", "x.yaml:6:12: 'folder' has no value; write a relative path"},
      {"processes: [ { on: , run: ping, to: b } ]\n",
       "x.yaml:6:16: 'on' has no value; write the name of a node"},
      {"processes: [ { on: a, run: ping, to: b, count: } ]\n",
       "x.yaml:6:41: 'count' has no value; write one behind it, or leave the key out"},
      {"nodes:\n  a: { address: 10.0.0.1/24, gateway: }\n",
       "x.yaml:2:30: 'gateway' has no value; write an address such as 10.0.1.1, or leave the key "
       "out"},
      {"nodes:\n  a: { address: 10.0.0.1/24, routes: }\n",
       "x.yaml:2:30: 'routes' has no value; write a list of maps, or leave the key out"},
      {"nodes:\n  a: { address: 10.0.0.1/24, tcp: { mss: } }\n",
       "x.yaml:2:37: 'mss' has no value; write a size such as '64 kB', or leave the key out"},
      {"nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
       "links: { w: { ends: [a, b], delay: } }\n",
       "x.yaml:4:29: 'delay' has no value; write a duration such as '5 ms', or leave the key out"},
      {"nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
       "links: { w: { ends: [a, b], impair: [ { loss: } ] } }\n",
       "x.yaml:4:41: 'loss' has no value; write a probability such as '1 %', or leave the key out"},
  });
}

TEST(Mistakes, AListWhoseItemsAreAllCommentedOutIsEmpty) {
  for (const char* text : {"processes:\n  # - none\n", "show:\n", "expect:\n",
                           "nodes:\n  a: { address: 10.0.0.1/24, tcp: }\n"}) {
    EXPECT_EQ(diagnose(whole(text)), "") << text;
  }
}

TEST(Mistakes, ParametersOfProgramsHaveBoundsAndChoices) {
  const auto with = [](const std::string& process) {
    return diagnose(whole("processes: [ { on: a, " + process + " } ]\n"));
  };
  EXPECT_EQ(with("run: ping, to: b, ttl: 0"),
            "x.yaml:6:46: 'ttl': 0 is too small; write 1 or more\n");
  EXPECT_EQ(with("run: ping, to: b, ttl: 256"),
            "x.yaml:6:46: 'ttl': 256 is too large; write 255 or less\n");
  EXPECT_EQ(with("run: ping, to: b, size: 1e18"),
            "x.yaml:6:47: 'size': 1000000000000000000 bytes is too large; write 65507 bytes or "
            "less\n");
  EXPECT_EQ(with("run: udp-source, to: 'b:7', size: 4"),
            "x.yaml:6:57: 'size': 4 bytes is too small; write 16 bytes or more\n");
  EXPECT_EQ(with("run: game, listen: 5, interval: 0 s"),
            "x.yaml:6:55: 'interval': 0 ns is too small; write 1 µs or more\n");
  EXPECT_EQ(with("run: echo-server, protocol: sctp"),
            "x.yaml:6:51: 'protocol': 'sctp' is none of the choices; one of: tcp, udp\n");
  EXPECT_EQ(with("run: http-server, mode: fork"),
            "x.yaml:6:47: 'mode': 'fork' is none of the choices; one of: concurrent, iterative\n");
  EXPECT_EQ(with("run: http-server, pages: big"),
            "x.yaml:6:48: 'pages': 'big' is not understood; write for instance '/ 1000, "
            "/index.html 1000'\n");
  EXPECT_EQ(with("run: query-client, to: 'b:53', names: ''"),
            "x.yaml:6:61: 'names': the text is empty; write one (The names to ask for, one after "
            "another.)\n");
  EXPECT_EQ(with("run: chat, listen: 5, peers: 'b:5, c:5'"),
            "x.yaml:6:52: 'peers': there is no node 'c'; one of: a, b\n");
  EXPECT_EQ(with("run: chat, listen: 5, peers: 'b:5, b'"),
            "x.yaml:6:52: 'peers': 'b' lacks the port; write 'b:80' for instance\n");
  EXPECT_EQ(with("run: ping, to: b, size: 65507 B, ttl: 255"), "");
}

TEST(Mistakes, NodesHaveTheKeysOfTheirKind) {
  expect_cases({
      {"nodes:\n  s: { kind: switch, address: 10.0.0.1/24 }\n  a: { address: 10.0.0.2/24 }\n"
       "links: { l: { ends: [s, a] } }\n",
       "x.yaml:2:22: node 's' is a switch, which has no 'address'; a switch works on frames alone: "
       "hosts and routers have addresses"},
      {"nodes:\n  a: { address: 10.0.0.1/24, ageing: 5 s }\n",
       "x.yaml:2:30: node 'a' is a host, which has no 'ageing'; only a switch has it"},
      {"nodes:\n  a: { address: 10.0.0.1/24, addresses: { x: 10.0.1.1/24 } }\n",
       "x.yaml:2:8: node 'a' has both 'address' and 'addresses'; keep 'addresses' and give each "
       "port "
       "its own"},
  });
}

TEST(Mistakes, WordsOfExpectationsAreNoNames) {
  EXPECT_EQ(
      diagnose("nodes:\n  tcp: { address: 10.0.0.1/24 }\n"),
      "x.yaml:2:3: 'tcp' is a word of expectations and no name; give the node another name\n");
}

TEST(Mistakes, APortMayHaveMoreNetworksThanItsNeighbours) {
  EXPECT_EQ(diagnose("nodes:\n  a: { address: 10.0.0.1/24 }\n"
                     "  r: { kind: router, addresses: { p: [10.0.0.2/24, 10.0.9.2/24] } }\n"
                     "links: { l: { ends: [a, r] } }\n"),
            "");
}

TEST(Mistakes, AddressesMustMakeSense) {
  expect_cases({
      {"nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.1/24 }\n"
       "links: { l: { ends: [a, b] } }\n",
       "x.yaml:3:17: 10.0.0.1 is also the address of node 'a'; every address is given once"},
      {"nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.1.2/24 }\n"
       "links: { l: { ends: [a, b] } }\n",
       "x.yaml:2:17: 10.0.0.1/24 of 'a' is not on the network of link 'l', 10.0.1.0/24; give both "
       "ends of a link addresses of the same network\n"
       "x.yaml:3:17: 10.0.1.2/24 of 'b' is not on the network of link 'l', 10.0.0.0/24; give both "
       "ends of a link addresses of the same network"},
      {"nodes:\n  a: { address: 10.0.0.0/24 }\n",
       "x.yaml:2:17: 10.0.0.0 is the address of the network itself; set the bits behind the prefix "
       "length"},
      {"nodes:\n  a: { address: 10.0.0.255/24 }\n",
       "x.yaml:2:17: 10.0.0.255 is the broadcast address of its network"},
      {"nodes:\n  a: { address: 224.0.0.1/24 }\n",
       "x.yaml:2:17: 224.0.0.1 cannot be the address of a port; use a unicast address such as "
       "10.0.1.10"},
      {"nodes:\n  a: { address: 10.0.0.1/24, gateway: 10.0.9.1 }\n",
       "x.yaml:2:39: gateway 10.0.9.1 is not on a network of node 'a'; its networks: 10.0.0.0/24"},
      {"nodes:\n  a: { address: 10.0.0.1/24, gateway: 10.0.0.1 }\n",
       "x.yaml:2:39: gateway 10.0.0.1 is node 'a' itself"},
      {"nodes:\n  a: { address: 10.0.0.1/24, gateway: 10.0.0.2 }\n  b: { address: 10.0.0.2/24 }\n"
       "links: { l: { ends: [a, b] } }\n",
       "x.yaml:2:39: gateway 10.0.0.2 is host 'b', which does not forward; give 'b' the key 'kind: "
       "router'"},
      {"nodes:\n  a: { address: 10.0.0.1/24, gateway: 10.0.0.9 }\n"
       "  r: { kind: router, address: 10.0.0.2/24 }\nlinks: { l: { ends: [a, r] } }\n",
       "x.yaml:2:39: nobody on the network has the address of gateway 10.0.0.9; router 'r' is "
       "10.0.0.2"},
      {"nodes:\n  a: { address: 10.0.0.1/24, routes: [ { to: 10.0.5.1/24, via: 10.0.0.2 } ] }\n"
       "  r: { kind: router, address: 10.0.0.2/24 }\nlinks: { l: { ends: [a, r] } }\n",
       "x.yaml:2:46: '10.0.5.1/24' has bits set beyond its prefix length; write 10.0.5.0/24"},
  });
}

TEST(Mistakes, LinksConnectPortsThatExist) {
  const std::string nodes =
      "nodes:\n  a: { address: 10.0.0.1/24 }\n"
      "  r: { kind: router, addresses: { left: 10.0.0.2/24, right: 10.0.1.2/24 } }\n"
      "  b: { address: 10.0.1.1/24 }\n  s: { kind: switch }\nlinks:\n"
      "  one: { ends: [a, r:left] }\n  two: { ends: [s, r:right] }\n";
  const auto with = [&](std::string_view line) { return diagnose(nodes + std::string{line}); };
  EXPECT_EQ(with("  three: { ends: [b, s] }\n"), "");
  EXPECT_EQ(
      with("  three: { ends: [bb, s] }\n"),
      "x.yaml:4:3: node 'b' is not connected to any link; name it in the 'ends' of a link, or "
      "remove it\nx.yaml:9:19: there is no node 'bb'; one of: a, r, b, s\n");
  EXPECT_EQ(with("  three: { ends: [b, s:p1] }\n"),
            "x.yaml:9:22: the ports of switch 's' have no names of their own; write 's': its ports "
            "are numbered in the order of the links\n");
  EXPECT_EQ(with("  three: { ends: [b, r] }\n"),
            "x.yaml:9:22: node 'r' has 2 ports; say which: 'r:left'\n");
  EXPECT_EQ(with("  three: { ends: [b, r:rigth] }\n"),
            "x.yaml:9:22: node 'r' has no port 'rigth'; did you mean 'right'?\n");
  EXPECT_EQ(
      with("  three: { ends: [b, r:right] }\n"),
      "x.yaml:9:22: port 'r:right' already is an end of link 'two'; give the node another port "
      "under 'addresses', or put a switch between\n");
  EXPECT_EQ(with("  three: { ends: [b, b] }\n"),
            "x.yaml:9:22: link 'three' connects 'b' with itself; a link has ends at two different "
            "nodes\n");
  EXPECT_EQ(with("  three: { ends: [b] }\n"),
            "x.yaml:9:18: 'ends' names the two ports a link connects; write for instance '[client, "
            "r1:left]'\n");
  EXPECT_EQ(with("  three: { rate: 1 Mbit/s }\n"),
            "x.yaml:9:10: link 'three' lacks 'ends'; 'ends' is two ends such as '[client, "
            "r1:left]'\n");
}

TEST(Mistakes, LoopsOfSwitchesAreRefused) {
  EXPECT_EQ(
      diagnose("nodes:\n  s1: { kind: switch }\n  s2: { kind: switch }\n  s3: { kind: switch }\n"
               "links:\n  a: { ends: [s1, s2] }\n  b: { ends: [s2, s3] }\n"
               "  c: { ends: [s3, s1] }\n"),
      "x.yaml:8:3: link 'c' closes a loop of switches; remove it: without a spanning tree "
      "every broadcast would circle forever\n");
  // Two links in different VLANs are no loop.
  EXPECT_EQ(
      diagnose("nodes:\n  s1: { kind: switch }\n  s2: { kind: switch }\n"
               "links:\n  a: { ends: [s1, s2], vlan: 10 }\n  b: { ends: [s1, s2], vlan: 20 }\n"),
      "");
}

TEST(Mistakes, LinkValuesMustMakeSense) {
  const auto with = [](std::string_view keys) {
    return diagnose(
        "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
        "links:\n  l: { ends: [a, b], " +
        std::string{keys} + " }\n");
  };
  EXPECT_EQ(with("delay: 1 ms, length: 5 m"),
            "x.yaml:5:35: link 'l' has both 'delay' and 'length'; keep one of the two\n");
  EXPECT_EQ(with("rate: 10"), "x.yaml:5:28: 'rate': '10' has no unit; write '10 Mbit/s'\n");
  EXPECT_EQ(with("queue: 10"),
            "x.yaml:5:29: 'queue': '10' has no unit; write '10 bytes' or '10 frames'\n");
  EXPECT_EQ(with("mtu: 20"), "x.yaml:5:27: 'mtu' is at least 68\n");
  EXPECT_EQ(with("vlan: 4095"), "x.yaml:5:28: 'vlan' is at most 4094\n");
  EXPECT_EQ(with("medium: copper"),
            "x.yaml:5:30: 'medium': 'copper' is none of the choices; one of: twisted-pair, coax, "
            "fibre, air\n");
  EXPECT_EQ(with("physical: manchster"),
            "x.yaml:5:32: 'physical': 'manchster' is none of the choices; did you mean "
            "'manchester'?\n");
  EXPECT_EQ(
      with("impair: { loss: 1 % }"),
      "x.yaml:5:30: 'impair' is a list of maps, not a map; write for instance '[ { loss: 1 % } "
      "]'\n");
  EXPECT_EQ(
      with("trunk: true"),
      "x.yaml:5:3: 'a' at the end of trunk 'l' needs to know its VLAN; add 'vlan: 10' to the "
      "link\nx.yaml:5:3: 'b' at the end of trunk 'l' needs to know its VLAN; add 'vlan: 10' to "
      "the link\n");
}

TEST(Mistakes, ImpairmentsMustMakeSense) {
  const auto with = [](std::string_view item) {
    return diagnose(
        "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
        "links:\n  l: { ends: [a, b], impair: [\n" +
        std::string{item} + "\n ] }\n");
  };
  EXPECT_EQ(with("{ loss: 101 % }"), "x.yaml:6:9: 'loss': '101 %' is not between 0 % and 100 %\n");
  EXPECT_EQ(with("{ loss: 5 }"),
            "x.yaml:6:9: 'loss': '5' is more than 1, that is, more than always; write '5 %'\n");
  EXPECT_EQ(with("{ drop: 3 }"), "x.yaml:6:9: 'drop': '3' is not an ordinal; write '3rd'\n");
  EXPECT_EQ(
      with("{ match: tcp }"),
      "x.yaml:6:1: this impairment does nothing; say what goes wrong, for instance 'loss: 1 %' "
      "or 'drop: 3rd'\n");
  EXPECT_EQ(
      with("{ loss: 1 %, drop: 3rd }"),
      "x.yaml:6:14: 'loss' and 'drop' are two impairments; make them two items of the list, in "
      "the order they apply\n");
  EXPECT_EQ(with("{ burst-loss: { enter: 1 % } }"),
            "x.yaml:6:15: 'burst-loss' lacks 'leave'; 'leave' is a probability such as '1 %'\n");
  EXPECT_EQ(with("{ corrupt: { frames: 3rd } }"),
            "x.yaml:6:12: 'corrupt' needs both 'frames' and 'bits'; write for instance '{ frames: "
            "3rd, bits: [96] }'\n");
  EXPECT_EQ(with("{ truncate: { frames: 3rd } }"),
            "x.yaml:6:13: 'truncate' of certain frames says how much of them arrives; write for "
            "instance '{ frames: 3rd, to: 40 B }'\n");
  EXPECT_EQ(with("{ reorder: { share: 1 % } }"),
            "x.yaml:6:12: 'reorder' lacks 'by'; 'by' is a duration such as '5 ms'\n");
  EXPECT_EQ(
      with("{ reorder: { by: 1 ms } }"),
      "x.yaml:6:12: 'reorder' says which frames: a share of them or certain ones; give either "
      "'share: 1 %' or 'frames: 3rd'\n");
  EXPECT_EQ(
      with("{ jitter: { normal: 1 ms, uniform: 1 ms } }"),
      "x.yaml:6:11: 'jitter' has one shape: uniform, normal or exponential; write for instance "
      "'{ normal: 1 ms }'\n");
  EXPECT_EQ(with("{ mtu: { to: 576 } }"),
            "x.yaml:6:8: 'mtu' lacks 'from'; 'from' is a duration such as '5 ms'\n");
  EXPECT_EQ(with("{ mtu: { to: 576, from: 2 s, until: 1 s } }"),
            "x.yaml:6:37: 'mtu' ends before it begins\n");
  EXPECT_EQ(with("{ mtu: { to: 576, from: 2 s }, match: tcp }"),
            "x.yaml:6:32: 'match' does not go with 'mtu': it is the whole link's\n");
  EXPECT_EQ(with("{ loss: 1 %, between: [2 s, 1 s] }"),
            "x.yaml:6:29: 'between' ends before it begins; write '[1 s, 2 s]'\n");
  EXPECT_EQ(with("{ loss: 1 %, direction: a }"),
            "x.yaml:6:25: 'direction' says from where to where; write for instance 'client > "
            "sw0'\n");
  EXPECT_EQ(with("{ loss: 1 %, direction: a > c }"),
            "x.yaml:6:25: link 'l' has no end at 'c'; one of: a, b\n");
  EXPECT_EQ(with("{ down: { from: 2 s, until: 1 s } }"),
            "x.yaml:6:29: 'down' ends before it begins\n");
  EXPECT_EQ(with("{ loss: 1 %, match: \"src host client\" }"),
            "x.yaml:6:21: 'match': there is no node 'client'; one of: a, b\n");
  EXPECT_THAT(with("{ loss: 1 %, match: \"tcp prot 80\" }"),
              testing::StartsWith("x.yaml:6:21: 'match' is not a pcap filter: "));
}

TEST(Mistakes, ProcessesMustMakeSense) {
  expect_cases({
      {"processes: { on: a }\n",
       "x.yaml:6:12: 'processes' is a list of maps, not a map; write for instance '- { on: client, "
       "run: ping, to: server }'"},
      {"processes: [ { on: a } ]\n",
       "x.yaml:6:14: a process says what it does: a program or calls; give either 'run: ping' or "
       "'calls: [...]'"},
      {"processes: [ { run: ping, to: b } ]\n",
       "x.yaml:6:14: a process lacks 'on'; 'on' is the name of a node"},
      {"processes: [ { on: c, run: ping, to: b } ]\n",
       "x.yaml:6:20: there is no node 'c'; one of: a, b"},
      {"processes: [ { on: a, run: pnig, to: b } ]\n",
       "x.yaml:6:28: there is no program 'pnig'; did you mean 'ping'?"},
      {"processes: [ { on: a, run: calls } ]\n",
       "x.yaml:6:28: 'calls' is a key of its own; write 'calls:' instead of 'run: calls'"},
      {"processes: [ { on: a, run: ping } ]\n",
       "x.yaml:6:14: program 'ping' needs 'to'; add 'to: ...' (Whom to ask.)"},
      {"processes: [ { on: a, run: ping, to: bb } ]\n",
       "x.yaml:6:38: 'to': there is no node 'bb'; one of: a, b"},
      {"processes: [ { on: a, run: bulk, to: b } ]\n",
       "x.yaml:6:38: 'to': 'b' lacks the port; write 'b:80' for instance"},
      {"processes: [ { on: a, run: bulk, to: b:0 } ]\n",
       "x.yaml:6:38: 'to': 'b:0' is not a name or address with a port; write for instance "
       "'server:80'"},
      {"processes: [ { on: b, run: sink, listen: 70000 } ]\n",
       "x.yaml:6:42: 'listen': '70000' is not a port; a port is 1 to 65535"},
      {"processes: [ { on: a, run: ping, to: b, at: soon } ]\n",
       "x.yaml:6:45: 'at': 'soon' is not a duration; write for instance '10 ms'"},
      {"processes: [ { on: a, run: ping, to: b, name: p }, { on: a, run: ping, to: b, name: p } "
       "]\n",
       "x.yaml:6:52: node 'a' has two processes named 'p'; give one of them another name"},
      {"processes: [ { on: a, run: pong, to: b } ]\nexpect: [ finished before 1 s ]\n",
       "x.yaml:6:28: there is no program 'pong'; did you mean 'ping'?"},
      {"processes: [ { on: a, calls: [ s = sokcet stream ] } ]\n",
       "x.yaml:6:36: there is no call 'sokcet'; the calls are: socket, bind, listen, accept, "
       "connect, send, recv, sendto, recvfrom, sendmsg, recvmsg, shutdown, close, setsockopt, set, "
       "getsockopt, getsockname, getpeername, poll, ioctl, fcntl, sleep"},
  });
}

TEST(Mistakes, TargetsMustBeReachableBothWays) {
  const std::string net =
      "nodes:\n  a: { address: 10.0.0.1/24GATEWAY }\n"
      "  r: { kind: router, addresses: { left: 10.0.0.2/24, right: 10.0.1.2/24 } }\n"
      "  b: { address: 10.0.1.1/24BACK }\n"
      "links:\n  one: { ends: [a, r:left] }\n  two: { ends: [b, r:right] }\n"
      "processes:\n  - { on: a, run: ping, to: TARGET }\n";
  const auto with = [&](std::string_view gateway, std::string_view back, std::string_view target) {
    std::string text = net;
    text.replace(text.find("GATEWAY"), 7, gateway);
    text.replace(text.find("BACK"), 4, back);
    text.replace(text.find("TARGET"), 6, target);
    return diagnose(text);
  };
  const std::string_view to_r = ", gateway: 10.0.0.2";
  const std::string_view from_b = ", gateway: 10.0.1.2";
  EXPECT_EQ(with(to_r, from_b, "b"), "");
  EXPECT_EQ(with("", from_b, "b"),
            "x.yaml:9:29: 'to': node 'a' has no route to 10.0.1.1; add 'gateway: 10.0.0.2' to node "
            "'a'\n");
  EXPECT_EQ(with(to_r, "", "b"),
            "x.yaml:9:29: 'to': no answer will come back: node 'b' has no route to 10.0.0.1; add "
            "'gateway: 10.0.1.2' to node 'b'\n");
  // An address is taken as it stands: unreachable networks are a lesson, too.
  EXPECT_EQ(with("", from_b, "10.0.1.1"), "");
}

TEST(Mistakes, ShowAndExpectAreCheckedBeforeTheRun) {
  expect_cases({
      {"show: [laddder]\n", "x.yaml:6:8: there is no view 'laddder'; did you mean 'ladder'?"},
      {"show: [packet]\n",
       "x.yaml:6:8: 'packet' shows one packet; say which, for instance 'packet of data 1'"},
      {"show: [path of dat 3]\n",
       "x.yaml:6:8: there are no packets called 'dat'; did you mean 'data'?"},
      {"show: [sockets at noon]\n",
       "x.yaml:6:8: 'noon' is not a duration; write for instance '10 ms'"},
      {"show: [sockets on c]\n", "x.yaml:6:8: there is no node 'c'; one of: a, b"},
      {"expect: [tcp.retransmission == 1]\n",
       "x.yaml:6:10: there is no figure 'tcp.retransmission'; below 'tcp': did you mean "
       "'retransmissions'?"},
      {"processes: [{ on: a, run: sink, listen: 80 }]\nexpect: [a.sink.recieved == 1]\n",
       "x.yaml:7:10: there is no figure 'a.sink.recieved'; below 'a.sink': did you mean "
       "'received'?"},
      {"processes: [{ on: a, run: sink, listen: 80 }]\nexpect: [a.recieved == a.sink.received]\n",
       "x.yaml:7:10: there is no figure 'a.recieved'; below 'a': did you mean 'received'?"},
      {"expect: [link.wrie.dropped == 1]\n",
       "x.yaml:6:10: there is no figure 'link.wrie.dropped'; below 'link': did you mean 'wire'?"},
      {"expect: [link.wire.dropped = 1]\n", "x.yaml:6:10: '=' does not compare; write '=='"},
      {"expect: [link.wire.dropped == 1 ms]\n",
       "x.yaml:6:10: 'link.wire.dropped' is a number, not a time"},
      {"expect: [finished before 500]\n",
       "x.yaml:6:10: 'finished' is a time, not a number; write '500 ms'"},
      {"expect: [finished beforr 500 ms]\n",
       "x.yaml:6:10: 'beforr' does not compare; did you mean 'before'?"},
      {"expect: [finished]\n",
       "x.yaml:6:10: the expectation compares with nothing; write for instance '== 1'"},
      {"expect: [stop > \"idle\"]\n",
       "x.yaml:6:10: 'stop' is a text, which is neither more nor less; use ==, != or contains"},
      {"expect: [{ tcp.retransmissions: 1 }]\n",
       "x.yaml:6:10: an item of 'expect' is text, not a map; put it in quotes if it contains ': '"},
  });
}

TEST(Mistakes, AFigureWhoseNameTheProgramCompletesIsNone) {
  EXPECT_EQ(diagnose(std::string{kPair} + "processes: [{ on: a, run: http-server, listen: 80 }]\n"
                                          "expect: [a.status-404 == 0]\n"),
            "");
}

TEST(Mistakes, CapturesStayBelowTheCurrentFolder) {
  expect_cases({
      {"capture: { folder: /etc }\n",
       "x.yaml:6:20: 'folder' must lie below the current folder; use --pcap to write elsewhere"},
      {"capture: { folder: ../x }\n",
       "x.yaml:6:20: 'folder' must lie below the current folder; use --pcap to write elsewhere"},
      {"capture: { folder: out, format: pcapn }\n",
       "x.yaml:6:33: 'format': 'pcapn' is none of the choices; did you mean 'pcapng'?"},
  });
}

TEST(Mistakes, AllOfThemAreToldAtOnceFromTopToBottom) {
  EXPECT_EQ(
      diagnose("sed: 1\nnodes:\n  a: { address: 10.0.0.1 }\n  b: { address: 10.0.0.2/24 }\n"
               "links:\n  l: { ends: [a, c], rate: 10 }\n"
               "processes: [ { on: d, run: ping, to: b } ]\nexpect: [nothing == 1]\n"),
      "x.yaml:1:1: unknown key 'sed' in the scenario; did you mean 'seed'?\n"
      "x.yaml:3:17: '10.0.0.1' lacks the prefix length; write 10.0.0.1/24\n"
      "x.yaml:4:3: node 'b' is not connected to any link; name it in the 'ends' of a link, or "
      "remove it\n"
      "x.yaml:6:18: there is no node 'c'; one of: a, b\n"
      "x.yaml:6:28: 'rate': '10' has no unit; write '10 Mbit/s'\n"
      "x.yaml:7:20: there is no node 'd'; one of: a, b\n"
      "x.yaml:8:10: there is no figure 'nothing'\n");
}

}  // namespace
}  // namespace strata::scenario
