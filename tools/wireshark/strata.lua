-- SPDX-License-Identifier: MIT
-- Strata: the ground truth in a capture as fields of Wireshark and tshark. Strata writes packet
-- comments that begin with "strata:" and consist of key=value pairs; each key that is listed below
-- becomes a field, strata.KEY, for filters, columns, colour rules and graphs:
--
--   tshark -r client-eth0.pcapng -Y strata.drop
--   tshark -r client-eth0.pcapng -z 'io,stat,0.1,MAX(strata.cwnd)strata.cwnd'
--
-- `strata wireshark --install` puts this file where Wireshark looks for plugins.

set_plugin_info({
  version = "1.0",
  description = "Strata simulation metadata",
  repository = "",
})

local proto = Proto("strata", "Strata simulation metadata")

local function number(key, name)
  return { field = ProtoField.uint64("strata." .. key, name, base.DEC), convert = function(text)
    return text:match("^%d+$") and UInt64(text) or nil
  end }
end
local function real(key, name)
  return { field = ProtoField.double("strata." .. key, name), convert = tonumber }
end
local function text(key, name)
  return { field = ProtoField.string("strata." .. key, name), convert = function(value)
    return value
  end }
end

local known = {
  uid = number("uid", "Packet uid"),
  parent = number("parent", "Uid of the packet it was made from"),
  of = number("of", "Uid of the packet sent again"),
  copy = number("copy", "Uid of the copy"),
  flow = number("flow", "Flow"),
  event = text("event", "Event"),
  state = text("state", "TCP state of the sender"),
  cwnd = number("cwnd", "Congestion window (octets)"),
  ssthresh = number("ssthresh", "Slow start threshold (octets)"),
  flight = number("flight", "Octets in flight"),
  cause = text("cause", "Cause of the retransmission"),
  drop = text("drop", "Dropped because"),
  layer = text("layer", "Dropped by layer"),
  link = text("link", "Link"),
  model = text("model", "Decided by"),
  p = real("p", "Probability"),
  draw = real("draw", "Number drawn"),
  bits = number("bits", "Bits flipped"),
  bytes = number("bytes", "Octets that arrive"),
  ns = number("ns", "Delayed by (ns)"),
  frame = number("frame", "Number in the capture replayed"),
  missing = number("missing", "Octets that capture left out"),
}

local fields = {}
for _, entry in pairs(known) do fields[#fields + 1] = entry.field end
proto.fields = fields

local comments = Field.new("frame.comment")

-- What the Info column says of a packet that is not what it seems.
local function remark(pinfo, key, value)
  if key == "drop" then
    pinfo.cols.info:append(" [DROPPED: " .. value .. "]")
  elseif key == "cause" then
    pinfo.cols.info:append(" [RETX: " .. value .. "]")
  elseif key == "event" and (value == "corrupted" or value == "truncated") then
    pinfo.cols.info:append(" [" .. value:upper() .. "]")
  end
end

function proto.dissector(_, pinfo, tree)
  local branch
  for _, comment in ipairs({ comments() }) do
    local pairs_of = tostring(comment.value):match("^strata:(.*)$")
    if pairs_of then
      branch = branch or tree:add(proto)
      for key, value in pairs_of:gmatch("(%w+)=([^%s]+)") do
        local entry = known[key]
        local converted = entry and entry.convert(value)
        if converted then
          branch:add(entry.field, converted):set_generated()
          remark(pinfo, key, value)
        end
      end
    end
  end
end

register_postdissector(proto)
