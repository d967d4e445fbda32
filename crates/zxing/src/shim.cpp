// What Rust sees of zxing-cpp: one call, and one call back for each symbol. Nothing is thrown over
// the border, and nothing that is handed over outlives the call back.

#include "HybridBinarizer.h"
#include "ReadBarcode.h"
#include "qrcode/QRDetector.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

extern "C" {

struct YanmaFound
{
	uint32_t format;
	const uint8_t* text;
	size_t textLength;
	const uint8_t* bytes;
	size_t bytesLength;
	int32_t corners[8];
	uint32_t error;
	uint32_t inverted;
	int32_t lines;
	int32_t sequenceIndex;
	int32_t sequenceSize;
	const uint8_t* sequenceId;
	size_t sequenceIdLength;
};

struct YanmaOrder
{
	const uint8_t* pixels;
	int32_t width;
	int32_t height;
	const uint32_t* formats;
	size_t formatsLength;
	uint32_t flags;
	uint32_t most;
};

// 0 when the picture was looked at to the end.
int32_t yanma_zxing_read(const YanmaOrder* order, void* context, void (*each)(void*, const YanmaFound*)) noexcept
{
	using namespace ZXing;
	try {
		std::vector<BarcodeFormat> formats;
		for (size_t n = 0; n < order->formatsLength; ++n)
			formats.push_back(static_cast<BarcodeFormat>(order->formats[n]));
		const auto has = [order](uint32_t bit) { return (order->flags & bit) != 0; };
		ReaderOptions options;
		options.formats(BarcodeFormats(std::move(formats)));
		options.tryHarder(has(1)).tryRotate(has(2)).tryInvert(has(4)).tryDownscale(has(8)).tryDenoise(has(16));
		options.returnErrors(has(32));
		options.binarizer(has(64) ? Binarizer::GlobalHistogram : Binarizer::LocalAverage);
		options.textMode(TextMode::Plain);
		options.validateOptionalChecksum(false);
		options.maxNumberOfSymbols(static_cast<uint8_t>(order->most));
		const ImageView view(order->pixels, order->width, order->height, ImageFormat::Lum);
		for (const auto& barcode : ReadBarcodes(view, options)) {
			const std::string text = barcode.isValid() ? barcode.text() : std::string();
			YanmaFound found{};
			found.format = static_cast<uint32_t>(barcode.format());
			found.text = reinterpret_cast<const uint8_t*>(text.data());
			found.textLength = text.size();
			found.bytes = barcode.bytes().data();
			found.bytesLength = barcode.bytes().size();
			for (int n = 0; n < 4; ++n) {
				found.corners[2 * n] = barcode.position()[n].x;
				found.corners[2 * n + 1] = barcode.position()[n].y;
			}
			found.error = static_cast<uint32_t>(barcode.error().type());
			found.inverted = barcode.isInverted();
			found.lines = barcode.lineCount();
			found.sequenceIndex = barcode.sequenceIndex();
			found.sequenceSize = barcode.sequenceSize();
			const std::string sequenceId = barcode.sequenceId();
			found.sequenceId = reinterpret_cast<const uint8_t*>(sequenceId.data());
			found.sequenceIdLength = sequenceId.size();
			each(context, &found);
		}
		return 0;
	} catch (...) {
		return 1;
	}
}

// Tells the middle and the width, in pixels, of everything that looks like a finder pattern of QR,
// dark on light; with fewer than two of these, also light on dark.
int32_t yanma_zxing_finders(const YanmaOrder* order, void* context, void (*each)(void*, float, float, float)) noexcept
{
	using namespace ZXing;
	try {
		const HybridBinarizer bitmap(ImageView(order->pixels, order->width, order->height, ImageFormat::Lum));
		const auto* bits = bitmap.getBitMatrix();
		if (bits == nullptr)
			return 1;
		auto patterns = QRCode::FindFinderPatterns(*bits, true);
		if (patterns.size() < 2) {
			auto inverted = bits->copy();
			inverted.flipAll();
			const auto light = QRCode::FindFinderPatterns(inverted, true);
			patterns.insert(patterns.end(), light.begin(), light.end());
		}
		for (const auto& pattern : patterns)
			each(context, static_cast<float>(pattern.x), static_cast<float>(pattern.y), static_cast<float>(pattern.size));
		return 0;
	} catch (...) {
		return 1;
	}
}
}
