// SPDX-License-Identifier: MIT
// The same workloads on ns-3 (Debian: ns3, libns3-dev), for a comparison in one run on one machine:
// CPU time of the event loop per frame received at any device. Built by tests/bench/run only where
// ns-3 is installed; not part of Strata.
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "ns3/applications-module.h"
#include "ns3/bridge-module.h"
#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

namespace {

std::uint64_t frames_received = 0;
void on_frame(ns3::Ptr<const ns3::Packet>) { ++frames_received; }

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Options {
  std::string workload = "p2p";
  std::uint64_t bytes = 100000000;
  std::uint32_t buffer = 256 * 1024;
  std::uint32_t flows = 100;
  std::uint32_t datagrams = 1000000;
  std::uint32_t routers = 10;
  double seconds = 10;
};

// One workload: devices come from `p2p` or `csma`, addresses from 10.0.N.0/24 in order.
class Topology {
 public:
  explicit Topology(const Options& options) : options_(options) {
    p2p_.SetDeviceAttribute("DataRate", ns3::StringValue("1Gbps"));
    p2p_.SetChannelAttribute("Delay", ns3::StringValue("1ms"));
  }

  void Build() {
    if (options_.workload == "p2p") {
      ns3::NodeContainer nodes(2);
      stack_.Install(nodes);
      Bulk(nodes.Get(0), nodes.Get(1), Connect(nodes.Get(0), nodes.Get(1)), options_.bytes);
    } else if (options_.workload == "swrt") {
      SwitchAndRouter();
    } else if (options_.workload == "dumbbell") {
      Dumbbell();
    } else {
      Chain();
    }
    ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
  }

 private:
  // Joins two nodes; the address of the second.
  ns3::Ipv4Address Connect(ns3::Ptr<ns3::Node> a, ns3::Ptr<ns3::Node> b) {
    return Address(p2p_.Install(a, b)).GetAddress(1);
  }
  ns3::Ipv4InterfaceContainer Address(const ns3::NetDeviceContainer& devices) {
    const std::string base =
        "10." + std::to_string(networks_ / 256) + "." + std::to_string(networks_ % 256) + ".0";
    ++networks_;
    ns3::Ipv4AddressHelper helper(ns3::Ipv4Address(base.c_str()), "255.255.255.0");
    return helper.Assign(devices);
  }
  void Bulk(ns3::Ptr<ns3::Node> from, ns3::Ptr<ns3::Node> to, ns3::Ipv4Address address,
            std::uint64_t bytes) {
    const ns3::InetSocketAddress any(ns3::Ipv4Address::GetAny(), 5000);
    ns3::PacketSinkHelper sink("ns3::TcpSocketFactory", any);
    sink.Install(to);
    ns3::BulkSendHelper source("ns3::TcpSocketFactory", ns3::InetSocketAddress(address, 5000));
    source.SetAttribute("MaxBytes", ns3::UintegerValue(bytes));
    source.SetAttribute("SendSize", ns3::UintegerValue(14480));
    source.Install(from).Start(ns3::Seconds(0));
  }
  void SwitchAndRouter() {
    ns3::NodeContainer nodes(4);  // client, switch, router, server
    stack_.Install(ns3::NodeContainer(nodes.Get(0), nodes.Get(2), nodes.Get(3)));
    ns3::CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", ns3::StringValue("1Gbps"));
    csma.SetChannelAttribute("Delay", ns3::StringValue("1us"));
    const auto left = csma.Install(ns3::NodeContainer(nodes.Get(0), nodes.Get(1)));
    const auto right = csma.Install(ns3::NodeContainer(nodes.Get(1), nodes.Get(2)));
    ns3::BridgeHelper bridge;
    bridge.Install(nodes.Get(1), ns3::NetDeviceContainer(left.Get(1), right.Get(0)));
    Address(ns3::NetDeviceContainer(left.Get(0), right.Get(1)));
    Bulk(nodes.Get(0), nodes.Get(3), Connect(nodes.Get(2), nodes.Get(3)), options_.bytes);
  }
  void Dumbbell() {
    ns3::NodeContainer left(options_.flows), right(options_.flows), core(2);
    stack_.Install(left);
    stack_.Install(right);
    stack_.Install(core);
    ns3::PointToPointHelper bottleneck;
    bottleneck.SetDeviceAttribute("DataRate", ns3::StringValue("1Gbps"));
    bottleneck.SetChannelAttribute("Delay", ns3::StringValue("10ms"));
    Address(bottleneck.Install(core));
    for (std::uint32_t i = 0; i < options_.flows; ++i) {
      Connect(left.Get(i), core.Get(0));
      Bulk(left.Get(i), right.Get(i), Connect(core.Get(1), right.Get(i)), 0);
    }
    ns3::Simulator::Stop(ns3::Seconds(options_.seconds));
  }
  void Chain() {
    p2p_.SetDeviceAttribute("DataRate", ns3::StringValue("10Gbps"));
    p2p_.SetChannelAttribute("Delay", ns3::StringValue("10us"));
    ns3::NodeContainer nodes(options_.routers + 2);
    stack_.Install(nodes);
    ns3::Ipv4Address last;
    for (std::uint32_t i = 0; i <= options_.routers; ++i) {
      last = Connect(nodes.Get(i), nodes.Get(i + 1));
    }
    ns3::PacketSinkHelper sink("ns3::UdpSocketFactory",
                               ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), 9));
    sink.Install(nodes.Get(options_.routers + 1));
    ns3::UdpClientHelper source(last, 9);
    source.SetAttribute("MaxPackets", ns3::UintegerValue(options_.datagrams));
    source.SetAttribute("Interval", ns3::TimeValue(ns3::MicroSeconds(10)));
    source.SetAttribute("PacketSize", ns3::UintegerValue(1000));
    source.Install(nodes.Get(0)).Start(ns3::Seconds(0));
  }

  const Options& options_;
  ns3::PointToPointHelper p2p_;
  ns3::InternetStackHelper stack_;
  unsigned networks_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  ns3::CommandLine command;
  command.AddValue("workload", "p2p, swrt, dumbbell or chain", options.workload);
  command.AddValue("bytes", "per flow", options.bytes);
  command.AddValue("buffer", "socket buffers, bytes", options.buffer);
  command.AddValue("flows", "of dumbbell", options.flows);
  command.AddValue("datagrams", "of chain", options.datagrams);
  command.AddValue("seconds", "of dumbbell", options.seconds);
  command.Parse(argc, argv);

  ns3::Config::SetDefault("ns3::TcpL4Protocol::SocketType",
                          ns3::TypeIdValue(ns3::TypeId::LookupByName("ns3::TcpNewReno")));
  ns3::Config::SetDefault("ns3::TcpSocket::SegmentSize", ns3::UintegerValue(1448));
  ns3::Config::SetDefault("ns3::TcpSocket::SndBufSize", ns3::UintegerValue(options.buffer));
  ns3::Config::SetDefault("ns3::TcpSocket::RcvBufSize", ns3::UintegerValue(options.buffer));
  ns3::GlobalValue::Bind("ChecksumEnabled", ns3::BooleanValue(true));
  ns3::RngSeedManager::SetSeed(1);
  Topology topology(options);
  topology.Build();
  for (const char* path : {"/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/PhyRxEnd",
                           "/NodeList/*/DeviceList/*/$ns3::CsmaNetDevice/PhyRxEnd"}) {
    ns3::Config::ConnectWithoutContextFailSafe(path, ns3::MakeCallback(&on_frame));
  }
  const double before = cpu_seconds();
  ns3::Simulator::Run();
  const double cpu = cpu_seconds() - before;
  std::printf("%s cpu_s=%.3f hops=%lu ns_per_hop=%.0f sim_s=%.4f\n", options.workload.c_str(), cpu,
              static_cast<unsigned long>(frames_received),
              cpu * 1e9 / static_cast<double>(frames_received), ns3::Simulator::Now().GetSeconds());
  ns3::Simulator::Destroy();
}
