using System.Buffers.Binary;

namespace Wopr.Modules;

/// <summary>
/// gzip without compression (RFC 1952 with RFC 1951 stored blocks). A compressor may choose other bytes on another
/// processor or in its next release; these bytes follow from the input alone, and 200 KB need no compressing.
/// </summary>
internal static class StoredGzip
{
    private const int LargestBlock = 65535;

    private static readonly uint[] CrcOf = [.. Enumerable.Range(0, 256).Select(octet => CrcOfByte((uint)octet))];

    public static byte[] Pack(ReadOnlySpan<byte> content)
    {
        var packed = new MemoryStream();
        // Magic, deflate, no flags, no time, no extra flags, unknown operating system.
        packed.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        var rest = content;
        do
        {
            var block = rest[..Math.Min(rest.Length, LargestBlock)];
            rest = rest[block.Length..];
            packed.WriteByte(rest.IsEmpty ? (byte)1 : (byte)0);
            Write16(packed, (ushort)block.Length);
            Write16(packed, (ushort)~block.Length);
            packed.Write(block);
        }
        while (!rest.IsEmpty);

        Write32(packed, Crc32(content));
        Write32(packed, (uint)content.Length);
        return packed.ToArray();
    }

    private static void Write16(Stream stream, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void Write32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    /// <summary>The CRC of RFC 1952, section 8, a byte at a time.</summary>
    private static uint Crc32(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var octet in content) crc = (crc >> 8) ^ CrcOf[(byte)crc ^ octet];
        return ~crc;
    }

    private static uint CrcOfByte(uint octet)
    {
        for (var bit = 0; bit < 8; bit++) octet = (octet & 1) == 1 ? (octet >> 1) ^ 0xEDB88320 : octet >> 1;
        return octet;
    }
}
